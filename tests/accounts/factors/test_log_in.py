"""A second factor is asked for at every door, and a log-in that is half done opens none."""

from __future__ import annotations

import json
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.factors import half_done, service
from accounts.models import Challenge, LogIn, Passkey, RecoveryCode, Totp, User
from tests.accounts.factors.authenticator import Authenticator
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
WORDS = {"username": "dora", "password": PASSWORD}


def half_in(address: str = "/upload/") -> Client:
    """Return a browser in which dora's password was typed."""
    client = Client()
    response = client.post("/login/", {**WORDS, "next": address})
    assert response["Location"].startswith("/login/second-step/?next=")
    return client


def step(client: Client, code: str) -> Any:
    """Type a code."""
    return client.post("/login/second-step/", {"code": code, "next": "/upload/"})


def token(otp: str | None = None) -> Any:
    """Log in over the API."""
    return APIClient().post("/api/v1/auth/token/", WORDS if otp is None else {**WORDS, "otp": otp})


def is_in(client: Client) -> bool:
    """Tell whether a browser is logged in."""
    return client.get("/settings/password/").status_code == 200


def test_the_code_of_the_app_is_the_second_step(app: pyotp.TOTP, clock: Any) -> None:
    client = half_in()
    assert client.get("/login/second-step/").status_code == 200
    assert (
        step(client, f" {app.at(clock.now)[:3]} {app.at(clock.now)[3:]}")["Location"] == "/upload/"
    )
    assert is_in(client)
    row = LogIn.objects.get()
    assert (row.how, row.factor) == ("password", "totp")


def test_a_log_in_that_is_half_done_is_none(app: pyotp.TOTP, dora: User) -> None:
    dora.is_staff = dora.is_superuser = True
    dora.save()
    client = half_in()
    for path in ("/settings/", "/feed/", "/upload/", "/admin/", "/settings/security/app/off/"):
        assert client.get(path)["Location"].startswith(("/login/?next=", "/admin/login/")), path
    assert client.get("/api/v1/me/").status_code == 401
    assert client.get("/explore/").context["user"].is_anonymous
    assert not LogIn.objects.exists()


def test_a_code_works_once_and_none_before_it(app: pyotp.TOTP, clock: Any) -> None:
    code, before = app.at(clock.now), app.at(clock.now - 30)
    assert step(half_in(), code).status_code == 302
    for spent in (code, before):
        client = half_in()
        answer = step(client, spent)
        assert (answer.status_code, is_in(client)) == (422, False)
    clock.now += 30
    assert step(half_in(), app.at(clock.now)).status_code == 302


@pytest.mark.parametrize(("off", "status"), [(-60, 422), (-30, 302), (30, 302), (60, 422)])
def test_clocks_may_differ_by_half_a_minute(
    app: pyotp.TOTP, clock: Any, off: int, status: int
) -> None:
    clock.now += 300
    assert step(half_in(), app.at(clock.now + off)).status_code == status


def test_codes_are_limited_for_all_addresses_and_the_owner_learns_of_it(
    app: pyotp.TOTP, clock: Any, settings: Any
) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "factor": (2, 3600)}
    right = app.at(clock.now)
    for number in range(2):
        assert token(f"{(int(right) + 7) % 1_000_000:06}").json()["code"] == "otp_invalid", number
    for _ in range(3):
        assert token(right).status_code == 429
        assert step(half_in(), right).status_code == 429
    (told,) = mail.outbox
    assert "knows your password" in told.body


def test_a_right_code_starts_the_count_anew(app: pyotp.TOTP, clock: Any, settings: Any) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "factor": (2, 3600)}
    for _ in range(3):
        assert token("000000").json()["code"] == "otp_invalid"
        assert token(app.at(clock.now)).status_code == 200
        clock.now += 30


def test_a_recovery_code_works_once(app: pyotp.TOTP, dora: User) -> None:
    first, second, *_ = service.new_codes(dora)
    client = half_in()
    assert step(client, first.upper().replace("-", " ")).status_code == 302
    assert is_in(client)
    assert RecoveryCode.objects.count() == 9
    assert step(half_in(), first).status_code == 422
    assert token(second).status_code == 200
    assert token(second).json()["code"] == "otp_invalid"


def test_codes_are_kept_as_hashes_and_secrets_sealed(app: pyotp.TOTP, dora: User) -> None:
    codes = service.new_codes(dora)
    digests = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert not digests & {code.replace("-", "") for code in codes}
    sealed = Totp.objects.get().secret
    assert sealed
    assert app.secret not in sealed


def test_a_recovery_code_stays_good_if_the_log_in_fails(
    app: pyotp.TOTP, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = service.new_codes(dora)[0]
    client = half_in()
    with monkeypatch.context() as broken:
        broken.setattr(LogIn.objects, "create", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            step(client, code)
    assert step(client, code).status_code == 302


def test_the_api_asks_for_the_code(app: pyotp.TOTP, clock: Any) -> None:
    answer = token()
    assert (answer.status_code, answer.json()["code"]) == (401, "otp_required")
    assert "access" not in answer.json()
    answer = token(app.at(clock.now))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("/api/v1/me/").status_code == 200


def test_a_wrong_password_is_told_first(app: pyotp.TOTP) -> None:
    words = {**WORDS, "password": "wrong", "otp": "000000"}
    answer = APIClient().post("/api/v1/auth/token/", words)
    assert answer.json()["code"] == "invalid_credentials"


def test_a_new_password_by_mail_still_leaves_the_second_step(app: pyotp.TOTP, dora: User) -> None:
    client = Client()
    client.post("/password-reset/", {"email": dora.email})
    link = next(line for line in mail.outbox[-1].body.splitlines() if "/password-reset/" in line)
    form = client.get(link.replace("https://photos.example.org", ""), follow=True)
    new = {"new_password1": "battery-staple-8", "new_password2": "battery-staple-8"}
    client.post(form.redirect_chain[-1][0], new)
    assert not is_in(client)
    client.post("/login/", {"username": "dora", "password": "battery-staple-8"})
    assert not is_in(client)


@pytest.mark.parametrize("change", ["late", "suspended", "another password"])
def test_half_a_log_in_does_not_last(
    app: pyotp.TOTP, clock: Any, dora: User, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    client = half_in()
    if change == "late":
        monkeypatch.setattr(half_done, "VALID_SECONDS", -1)
    elif change == "suspended":
        services.suspend(user=dora)
    else:
        services.change_password(user=dora, password="battery-staple-8")
    assert step(client, app.at(clock.now))["Location"] == "/login/"
    assert not is_in(client)


def question(client: Client) -> dict[str, Any]:
    """Return what the site asks a passkey in this browser."""
    found: dict[str, Any] = client.post("/login/passkey/question/").json()
    return found


def answered(client: Client, asked: dict[str, Any], answer: Any) -> Any:
    """Send the answer of a passkey as the script does."""
    form = {"state": asked["state"], "answer": json.dumps(answer), "next": "/upload/"}
    return client.post("/login/passkey/", form)


def test_a_passkey_logs_in_without_a_password(key: Authenticator) -> None:
    client = Client()
    asked = question(client)
    assert asked["options"]["userVerification"] == "required"
    assert answered(client, asked, key.get(asked["options"]))["Location"] == "/upload/"
    assert is_in(client)
    row = LogIn.objects.get()
    assert (row.how, row.factor) == ("passkey", "passkey")


def test_a_passkey_is_a_second_step(key: Authenticator) -> None:
    key.verifies = False
    client = half_in()
    asked = question(client)
    assert [one["id"] for one in asked["options"]["allowCredentials"]]
    assert answered(client, asked, key.get(asked["options"]))["Location"] == "/upload/"
    assert is_in(client)


def test_a_passkey_logs_in_over_the_api(key: Authenticator) -> None:
    assert token().json()["code"] == "otp_required"
    client = APIClient()
    asked = client.post("/api/v1/auth/passkey/question/").json()
    body = {"state": asked["state"], "answer": key.get(asked["options"])}
    answer = client.post("/api/v1/auth/passkey/", body, format="json")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("/api/v1/me/").json()["username"] == "dora"
    # The question is spent.
    assert APIClient().post("/api/v1/auth/passkey/", body, format="json").status_code == 401


@pytest.mark.parametrize("fault", ["nobody seen", "other site", "other key", "other question"])
def test_a_passkey_that_is_not_quite_right_logs_nobody_in(key: Authenticator, fault: str) -> None:
    client = Client()
    asked = question(client)
    if fault == "nobody seen":
        key.verifies = False
    elif fault == "other site":
        key.origin = "https://photos.example.org.evil.example"
    elif fault == "other key":
        key.key = Authenticator().key
    else:
        asked["options"]["challenge"] = question(client)["options"]["challenge"]
    response = answered(client, asked, key.get(asked["options"]))
    assert response["Location"] == "/login/"
    assert not is_in(client)


@pytest.mark.parametrize("answer", [None, [], {}, "x", {"id": 1}, {"response": {"signature": 5}}])
def test_what_is_no_answer_is_refused_in_words(key: Authenticator, answer: Any) -> None:
    client = Client()
    response = answered(client, question(client), answer)
    assert response["Location"] == "/login/"
    assert "The passkey didn’t work" in client.get("/login/").text


def test_the_passkey_of_somebody_else_is_no_second_step(
    app: pyotp.TOTP, key: Authenticator, alice: User
) -> None:
    client = half_in()
    Passkey.objects.update(user=alice)
    asked = question(client)
    assert "second-step" in answered(client, asked, key.get(asked["options"]))["Location"]
    # Nor does half a log-in take the answer to a question that was for anybody.
    other = question(Client())
    assert "second-step" in answered(client, other, key.get(other["options"]))["Location"]
    assert not is_in(client)


def test_a_suspended_person_with_a_passkey_is_told_so(key: Authenticator, dora: User) -> None:
    services.suspend(user=dora)
    client = Client()
    asked = question(client)
    assert answered(client, asked, key.get(asked["options"])).status_code == 403
    api = APIClient()
    asked = api.post("/api/v1/auth/passkey/question/").json()
    body = {"state": asked["state"], "answer": key.get(asked["options"])}
    answer = api.post("/api/v1/auth/passkey/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "suspended")


@pytest.mark.parametrize(("before", "after", "is_told"), [(None, None, 0), (5, 6, 0), (5, 2, 1)])
def test_a_counter_that_goes_back_is_mailed_and_shuts_nobody_out(
    key: Authenticator, before: int | None, after: int | None, is_told: int, caplog: Any
) -> None:
    key.counter = before
    for counter in (before, after):
        key.counter = counter
        client = Client()
        asked = question(client)
        answered(client, asked, key.get(asked["options"]))
        assert is_in(client)
    assert sum("may be a copy" in line for line in caplog.messages) == is_told


def test_questions_are_few_and_end(key: Authenticator) -> None:
    client = Client()
    question(client)
    Challenge.objects.update(expires_at="2020-01-01T00:00Z")
    asked = {"state": str(Challenge.objects.get().pk), "options": {}}
    response = answered(client, asked, {})
    assert response["Location"] == "/login/"
    assert "too long" in client.get("/login/").text
