"""An idle worker is told of a task on PostgreSQL, and looks every second on SQLite."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from accounts.mails import send_reset
from minigram_site.db import Listener
from social.management.commands import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave tasks to the worker, whose process is this one."""
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "minigram_site.tasks.NotifyingBackend"}}
    monkeypatch.setattr(Worker, "configure_signals", lambda _: None)


def _enqueue() -> None:
    send_reset.enqueue("nobody@example.org")
    connection.close()


def _in_a_thread(function: Any) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tells nobody.")
def test_a_task_is_run_without_waiting_for_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    wait, waits = Listener.wait, []

    def step(listener: Listener, seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            _in_a_thread(_enqueue)
        if len(waits) == 3:
            raise SystemExit
        wait(listener, 3600)

    monkeypatch.setattr(Listener, "wait", step)
    with pytest.raises(SystemExit):
        call_command("worker")
    assert waits == [worker.TOLD_INTERVAL] * 3
    assert [result.status for result in DBTaskResult.objects.all()] == ["SUCCESSFUL"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")
def test_on_sqlite_it_looks_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 2:
            raise SystemExit
        _in_a_thread(_enqueue)

    monkeypatch.setattr("time.sleep", rest)
    with pytest.raises(SystemExit):
        call_command("worker")
    assert rests == [worker.UNTOLD_INTERVAL] * 2
    assert [result.status for result in DBTaskResult.objects.all()] == ["SUCCESSFUL"]
