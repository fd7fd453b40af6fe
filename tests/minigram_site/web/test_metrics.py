"""``/metrics`` answers programs on this machine."""

from __future__ import annotations

import pytest
from django.test import Client

from minigram_site import counters


def test_programs_on_this_machine_get_the_counts(client: Client) -> None:
    counters.STATEMENTS.labels("default", "read").inc()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert 'minigram_database_statements_total{kind="read",server="default"}' in answer.text


def test_over_a_unix_socket_too(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_not_those_who_come_by_a_proxy(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_not_other_machines(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
