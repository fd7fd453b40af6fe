"""The database is away: 503 and Retry-After for everybody, never 500, and the log says it once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.api.tokens import issue
from accounts.models import User
from minigram_site.web import outages
from minigram_site.web.outages import is_outage
from photos.models import Media
from tests.factories import make_photo, make_user, upload

pytestmark = pytest.mark.django_db(transaction=True)
UNREACHABLE = {"NAME": "/nowhere/at/all"} if connection.vendor == "sqlite" else {"PORT": "1"}


@pytest.fixture
def lose_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Return a function that makes the database unreachable; afterwards it is back."""
    known = {name: connection.settings_dict[name] for name in UNREACHABLE}
    monkeypatch.setattr(outages, "_unlogged", outages._UnloggedCount())

    def lose() -> None:
        _start_anew()
        connection.settings_dict.update(UNREACHABLE)

    yield lose
    connection.settings_dict.update(known)
    _start_anew()


def _start_anew() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture
def visitor() -> Client:
    """Return a client that shows an error page instead of raising the error behind it."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path", ["/", "/explore/", "/login/", "/alice/", "/no/such/page", "/admin/"]
)
def test_a_page_says_so_with_503_and_when_to_try_again(
    visitor: Client, lose_database: Callable[[], None], path: str
) -> None:
    visitor.force_login(make_user("alice"))
    lose_database()
    response = visitor.get(path)
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert str(outages.SENTENCE) in response.content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/feed/"),
        ("get", "/api/v1/explore/"),
        ("post", "/api/v1/auth/token/"),
        ("post", "/api/v1/photos/"),
        ("put", "/api/v1/photos/1/like/"),
    ],
)
def test_the_api_says_so_in_its_own_shape(
    alice: User, lose_database: Callable[[], None], method: str, path: str
) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {issue(alice)['access']}"})
    lose_database()
    response = getattr(client, method)(path, {"username": "alice", "password": "x"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "database_unavailable"


def test_a_session_that_cannot_be_saved_is_no_error_of_ours(
    visitor: Client, alice: User, lose_database: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def log_in(**values: Any) -> User:
        lose_database()
        return alice

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", lambda _, **values: log_in())
    response = visitor.post("/login/", {"username": "alice", "password": "x"})
    assert response.status_code == 503


def test_everything_is_back_by_itself(
    visitor: Client, alice: User, lose_database: Callable[[], None]
) -> None:
    known = dict(connection.settings_dict)
    lose_database()
    assert visitor.get("/explore/").status_code == 503
    connection.settings_dict.update(known)
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]  # its port was wrong for good
    assert visitor.get("/explore/").status_code == 200


def test_an_outage_is_told_of_once(
    visitor: Client, lose_database: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    lose_database()
    for _ in range(3):
        visitor.get("/explore/")
    assert [record.name for record in caplog.records].count("minigram_site.web.outages") == 1
    assert "django.request" not in {record.name for record in caplog.records}


def test_what_we_did_wrong_stays_an_error_of_ours(visitor: Client) -> None:
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert not is_outage(caught.value)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="is about PostgreSQL's states")
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("57P01", True),  # the server is stopping
        ("57P03", True),  # or starting
        ("57014", True),  # a statement took too long
        ("55P03", True),  # a lock was not to be had
        ("53300", True),  # too many connections
        ("53100", True),  # the disk is full
        ("40P01", True),  # two transactions waited for each other
        ("25006", True),  # the server is a replica
        ("08006", True),  # the connection broke
        ("23505", False),
        ("42P01", False),
        ("22003", False),
        ("25P02", False),
    ],
)
def test_the_state_says_whether_it_is_an_outage(state: str, *, expected: bool) -> None:
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")
    assert is_outage(caught.value) is expected


@pytest.mark.skipif(connection.vendor != "postgresql", reason="ends a session of PostgreSQL")
def test_a_connection_that_breaks_in_the_middle_rolls_back(visitor: Client, alice: User) -> None:
    def break_off() -> None:
        with transaction.atomic():
            make_photo(alice)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError) as caught:
        break_off()
    assert is_outage(caught.value)
    connection.close()
    assert not alice.photos.exists()


def test_an_upload_keeps_its_file_when_nobody_knows_whether_its_row_was_written(
    api_as: Callable[[User], APIClient],
    alice: User,
    lose_database: Callable[[], None],
    own_media_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = api_as(alice)
    create = Media.objects.create

    def lost_at_the_end(**values: Any) -> None:
        create(**values)
        lose_database()
        Media.objects.exists()

    monkeypatch.setattr(Media.objects, "create", lost_at_the_end)
    response = client.post("/api/v1/media/", {"image": upload()}, format="multipart")
    assert response.status_code == 503
    assert [path for path in own_media_folder.rglob("*") if path.is_file()]


def test_a_worker_waits_for_the_database_and_goes_on(
    lose_database: Callable[[], None], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKGROUND_WORKER = True
    known = dict(connection.settings_dict)
    looks: list[bool] = []

    def sweep() -> int:
        looks.append(True)
        if len(looks) == 1:
            lose_database()
        elif len(looks) == 3:
            raise KeyboardInterrupt
        return User.objects.count()

    def wait(_: float) -> None:
        connection.settings_dict.update(known)
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined]

    monkeypatch.setattr("social.publishing.sweep", sweep)
    monkeypatch.setattr("time.sleep", wait)
    with pytest.raises(KeyboardInterrupt):
        call_command("worker", stdout=io.StringIO())
    assert len(looks) == 3
