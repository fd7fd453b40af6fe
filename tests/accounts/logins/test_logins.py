"""Where somebody is logged in: listed, ended at once, and told by mail where it is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.logins import service
from accounts.logins.origins import origin_of
from accounts.models import LogIn, User
from minigram_site.fields.snowflake import id_at
from tests.factories import PASSWORD, make_user
from tests.redis_server import RedisServer

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)
SESSIONS = "/api/v1/me/sessions/"
WORDS = {"username": "dora", "password": PASSWORD}


@pytest.fixture(autouse=True)
def mails_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails inside the request: a thread would not see what a test has not committed."""
    monkeypatch.setattr("accounts.logins.mails.later", lambda task, argument: task.call(argument))


@pytest.fixture
def dora(db: None) -> User:
    """Return somebody with a password."""
    return make_user("dora", password=PASSWORD)


def browser(agent: str = FIREFOX, address: str = "203.0.113.77") -> Client:
    """Return a browser in which dora has logged in."""
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    assert client.post("/login/", WORDS).status_code == 302
    return client


def app(agent: str = "PhotoApp/1.2", address: str = "2001:db8:1:2::3") -> APIClient:
    """Return an app in which dora has logged in."""
    client = APIClient(headers={"user-agent": agent}, REMOTE_ADDR=address)
    found = client.post("/api/v1/auth/token/", WORDS, format="json").json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {found['access']}")
    return client


def is_in(client: Any) -> bool:
    """Tell whether a browser or an app is logged in."""
    path = "/api/v1/me/" if isinstance(client, APIClient) else "/settings/"
    return bool(client.get(path).status_code == 200)


@pytest.mark.parametrize(
    ("agent", "program", "system"),
    [
        (FIREFOX, "Firefox", "Linux"),
        (SAFARI, "Safari", "iOS"),
        (EDGE, "Edge", "Windows"),
        (CHROME, "Chrome", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/156.0.0.0", "Chrome", "Linux"),
        ("Mozilla/5.0 (X11; Linux x86_64) Unheard/1.0", "", "Linux"),
        ("PhotoApp/1.2 (Android 14)", "PhotoApp", "Android"),
        ("okhttp/4.12.0", "okhttp", ""),
        ("", "", ""),
        ("<script>alert(1)</script>", "", ""),
        ("x" * 5000, "", ""),
    ],
)
def test_of_a_browser_two_words_are_kept(rf: Any, agent: str, program: str, system: str) -> None:
    assert origin_of(rf.get("/", headers={"user-agent": agent}))[:2] == (program, system)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("unix:", ""),
    ],
)
def test_of_an_address_the_network_is_kept(rf: Any, address: str, network: str) -> None:
    assert origin_of(rf.get("/", REMOTE_ADDR=address)).network == network


def test_browsers_and_apps_are_listed_and_ended(dora: User) -> None:
    first, other, phone = browser(), browser(SAFARI), app()
    page = first.get("/settings/sessions/").text
    for words in ("Firefox on Linux", "Safari on iOS", "PhotoApp", "203.0.113.0/24", "this device"):
        assert words in page
    listed = phone.get(SESSIONS).json()["results"]
    assert [one["client"] for one in listed] == ["app", "browser", "browser"]
    assert [one["is_current"] for one in listed] == [True, False, False]
    assert phone.delete(f"{SESSIONS}{listed[1]['id']}/").status_code == 204
    assert [is_in(one) for one in (first, other, phone)] == [True, False, True]
    assert first.post(f"/settings/sessions/{listed[0]['id']}/end/").status_code == 302
    assert [is_in(one) for one in (first, other, phone)] == [True, False, False]
    assert len(LogIn.objects.of(dora).open()) == 1
    assert first.get("/settings/sessions/all/").text.count("ended") == 2


@pytest.mark.parametrize("by", ["page", "api"])
def test_everywhere_else_is_ended_at_once(dora: User, by: str) -> None:
    here, there, phone, tablet = browser(), browser(), app(), app()
    assert [is_in(one) for one in (here, there, phone, tablet)] == [True] * 4
    if by == "page":
        assert here.post("/settings/sessions/end/").status_code == 302
    else:
        assert phone.delete(SESSIONS).status_code == 204
    stay = here if by == "page" else phone
    assert [is_in(one) for one in (here, there, phone, tablet)] == [
        one is stay for one in (here, there, phone, tablet)
    ]


def test_what_is_cached_is_ended_at_once(cached: RedisServer, dora: User) -> None:
    here, there, phone = browser(), browser(SAFARI), app()
    for one in (there, phone, there, phone):
        assert is_in(one)
    here.post("/settings/sessions/end/")
    assert [is_in(one) for one in (here, there, phone)] == [True, False, False]


def test_nobody_ends_what_is_somebody_elses(dora: User, alice: User, api_as: Any) -> None:
    here = browser()
    log_in = LogIn.objects.get()
    assert api_as(alice).delete(f"{SESSIONS}{log_in.pk}/").status_code == 404
    assert is_in(here)


def test_another_password_ends_all_but_this_browser_in_the_list(dora: User) -> None:
    here, there, phone = browser(), browser(), app()
    form = {
        "old_password": PASSWORD,
        "new_password1": "battery-staple-8",
        "new_password2": "battery-staple-8",
    }
    assert here.post("/settings/password/", form).status_code == 302
    assert [is_in(one) for one in (here, there, phone)] == [True, False, False]
    (left,) = LogIn.objects.of(dora).open()
    assert left.session_key == here.session.session_key
    assert "this device" in here.get("/settings/sessions/").text


def test_a_log_out_is_the_end_of_it(dora: User) -> None:
    here = browser()
    here.post("/logout/")
    assert not LogIn.objects.of(dora).open()


def test_a_new_device_is_told_by_mail_and_a_known_one_is_not(
    dora: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    services.set_language(user=dora, language="de")
    with django_capture_on_commit_callbacks(execute=True):
        here = browser()
    (told,) = mail.outbox
    assert "Firefox" in told.body
    assert "203.0.113.0/24" in told.body
    assert "/settings/sessions/" in told.body
    assert told.to == [dora.email]
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/logout/")
        here.post("/login/", WORDS)
    assert len(mail.outbox) == 1
    with django_capture_on_commit_callbacks(execute=True):
        here.cookies["known"] = here.cookies["known"].value + "x"
        here.post("/logout/")
        here.post("/login/", WORDS)
    assert len(mail.outbox) == 2


def test_an_app_is_new_by_name_and_network(
    dora: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    for agent, address, mails in (
        ("PhotoApp/1.2", "203.0.113.7", 1),
        ("PhotoApp/1.3", "203.0.113.9", 1),
        ("OtherApp/1.2", "203.0.113.7", 2),
        ("PhotoApp/1.2", "198.51.100.7", 3),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            app(agent, address)
        assert len(mail.outbox) == mails


def test_signing_up_is_a_log_in_without_a_mail(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    new = {"username": "erin", "email": "erin@example.org", "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        Client().post("/signup/", new)
        APIClient().post("/api/v1/auth/register/", {**new, "username": "finn", "email": "f@x.org"})
    assert [row.how for row in LogIn.objects.all()] == ["sign_up", "sign_up"]
    assert mail.outbox == []


def test_a_list_of_many_costs_as_many_queries_as_one_of_few(dora: User) -> None:
    phone = app()
    assert phone.get(SESSIONS).status_code == 200
    with CaptureQueriesContext(connection) as few:
        phone.get(SESSIONS)
    for _ in range(5):
        service.enter_app(phone.get("/api/v1/me/").wsgi_request, dora, how=service.How.PASSWORD)
    with CaptureQueriesContext(connection) as many:
        assert len(phone.get(f"{SESSIONS}?limit=5").json()["results"]) == 5
    assert len(many) == len(few) == 3


def test_old_log_ins_that_have_ended_are_deleted(dora: User) -> None:
    here = browser()
    half_a_year_ago = id_at(timezone.now() - timedelta(days=181))
    LogIn.objects.create(id=half_a_year_ago, user=dora, how="password")
    open_one = LogIn.objects.exclude(pk=half_a_year_ago).get()
    LogIn.objects.filter(pk=open_one.pk).update(id=half_a_year_ago + 1)
    assert service.delete_old() == 1
    assert LogIn.objects.get().pk == half_a_year_ago + 1
    assert is_in(here)
