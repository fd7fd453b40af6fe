"""Setting second factors up and taking them away: by pages, API, admin and command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pyotp
import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.doors import site
from accounts.factors import passkeys, recovery, service, totp
from accounts.factors.sealing import seal, unseal
from accounts.models import EmailCheck, Passkey, RecoveryCode, SiteSettings, Totp, User
from tests.accounts.factors.authenticator import Authenticator
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
SURE = {"password": PASSWORD}
FACTORS = "/api/v1/me/factors/"
SECURITY = "/settings/security/"


def decide(**values: Any) -> None:
    """Save the settings of the site."""
    site.change(SiteSettings(**values))


def secret_on(page: Any) -> str:
    """Return the secret that a page shows."""
    found = re.search(r'<code class="key"[^>]*>([A-Z2-7 ]+)</code>', page.text)
    assert found
    return found[1].replace(" ", "")


def test_an_app_is_set_up_with_the_password_and_a_code(
    browser_as: As, dora: User, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browser_as(dora)
    assert browser.post(f"{SECURITY}app/", {"password": "wrong"}).status_code == 422
    assert browser.post(f"{SECURITY}app/", SURE)["Location"] == f"{SECURITY}app/"
    page = browser.get(f"{SECURITY}app/")
    secret = secret_on(page)
    assert "data:image/svg+xml" in page.text
    assert page["Cache-Control"] == "no-store"
    # A typo and a reload change nothing: the secret may be in the app.
    assert browser.post(f"{SECURITY}app/", {"code": "000000"}).status_code == 422
    assert secret_on(browser.get(f"{SECURITY}app/")) == secret
    assert not service.is_on(dora)
    code = pyotp.TOTP(secret).at(clock.now)
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(f"{SECURITY}app/", {"code": code})
    assert len(re.findall(r"<li><code[^>]*>[a-z2-7-]{19}</code>", page.text)) == 10
    assert service.is_on(dora)
    assert "asked for a code from your authenticator app" in mail.outbox[-1].body
    # The code of the set-up logs nobody in.
    assert not totp.accept(dora, code)


def test_a_session_that_did_not_type_the_password_is_not_shown_the_secret(
    browser_as: As, dora: User
) -> None:
    browser_as(dora).post(f"{SECURITY}app/", SURE)
    page = browser_as(dora).get(f"{SECURITY}app/")
    assert Totp.objects.get().pending
    assert 'class="key"' not in page.text


def test_another_app_replaces_the_first_only_when_it_is_confirmed(
    app: pyotp.TOTP, dora: User, clock: Any
) -> None:
    new = pyotp.TOTP(totp.begin(dora))
    assert totp.accept(dora, app.at(clock.now))
    assert service.confirm_app(dora, new.at(clock.now)) == []
    clock.now += 60
    assert not totp.accept(dora, app.at(clock.now))
    assert totp.accept(dora, new.at(clock.now))
    assert RecoveryCode.objects.count() == 10


def test_factors_over_the_api(api_as: As, dora: User, clock: Any) -> None:
    client: APIClient = api_as(dora)
    assert client.post(f"{FACTORS}totp/", {"password": "wrong"}).status_code == 400
    begun = client.post(f"{FACTORS}totp/", SURE).json()
    assert begun["url"].startswith("otpauth://totp/")
    assert client.post(f"{FACTORS}totp/confirm/", {"code": "000000"}).status_code == 400
    code = pyotp.TOTP(begun["secret"]).at(clock.now)
    codes = client.post(f"{FACTORS}totp/confirm/", {"code": code}).json()["recovery_codes"]
    assert len(codes) == 10
    asked = client.post(f"{FACTORS}passkeys/question/", SURE).json()
    body = {"state": asked["state"], "answer": Authenticator().create(asked["options"])}
    added = client.post(f"{FACTORS}passkeys/", {**body, "name": "Key"}, format="json")
    assert (added.status_code, added.json()["recovery_codes"]) == (201, [])
    assert client.post(f"{FACTORS}passkeys/", body, format="json").status_code == 409
    held = client.get(FACTORS).json()
    assert (held["is_on"], held["totp"], held["recovery_codes_left"]) == (True, True, 10)
    (passkey,) = held["passkeys"]
    assert passkey["name"] == "Key"
    new = client.post(f"{FACTORS}recovery-codes/", SURE).json()["recovery_codes"]
    assert not set(new) & set(codes)
    assert client.delete(f"{FACTORS}totp/", SURE).status_code == 204
    address = f"{FACTORS}passkeys/{passkey['id']}/"
    assert client.delete(address, {"password": "wrong"}).status_code == 400
    assert client.delete(address, SURE).status_code == 204
    assert client.get(FACTORS).json()["is_on"] is False
    assert not RecoveryCode.objects.exists()
    assert client.post(f"{FACTORS}recovery-codes/", SURE).status_code == 409


def test_a_passkey_is_added_by_the_page(browser_as: As, dora: User) -> None:
    browser, device = browser_as(dora), Authenticator()
    ask = f"{SECURITY}passkeys/question/"
    assert browser.post(ask, {"password": "wrong"}).status_code == 422
    asked = browser.post(ask, SURE).json()
    answer = json.dumps(device.create(asked["options"]))
    form = {"state": asked["state"], "answer": answer, "name": "  My\nphone "}
    assert "They’re shown only now" in browser.post(f"{SECURITY}passkeys/", form).text
    assert Passkey.objects.get().name == "My phone"
    # A second one excludes the first, and has the same handle.
    again = browser.post(ask, SURE).json()["options"]
    assert [one["id"] for one in again["excludeCredentials"]] == [
        Passkey.objects.get().credential_id
    ]
    assert again["user"]["id"] == device.user_handle


def test_the_pages_take_factors_away(
    browser_as: As, app: pyotp.TOTP, key: Authenticator, dora: User
) -> None:
    browser, passkey = browser_as(dora), Passkey.objects.get()
    assert "Phone" in browser.get(SECURITY).text
    remove = f"{SECURITY}passkeys/{passkey.pk}/remove/"
    assert browser.post(remove, {"password": "wrong"}).status_code == 422
    assert browser_as(make_user("erin")).get(remove).status_code == 404
    for page in (remove, f"{SECURITY}app/off/"):
        assert service.is_on(dora)
        assert browser.post(page, SURE)["Location"] == SECURITY
    assert not service.is_on(dora)
    assert not RecoveryCode.objects.exists()


def test_an_address_has_to_be_confirmed_first(browser_as: As, api_as: As, dora: User) -> None:
    decide(email_check=EmailCheck.OPTIONAL)
    answer = api_as(dora).post(f"{FACTORS}totp/", SURE)
    assert (answer.status_code, answer.json()["code"]) == (409, "unconfirmed")
    browser = browser_as(dora)
    assert "Confirm your e-mail" in browser.post(f"{SECURITY}app/", SURE).text
    assert browser.post(f"{SECURITY}passkeys/question/", SURE).status_code == 422
    assert not Totp.objects.exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://[::1]:8000"])
def test_a_site_without_a_name_has_no_passkeys(
    browser_as: As, dora: User, settings: Any, url: str
) -> None:
    settings.SITE_URL = url
    assert not passkeys.is_available()
    assert "data-passkey" not in Client().get("/login/").text
    answer = browser_as(dora).post(f"{SECURITY}passkeys/question/", SURE)
    assert "no domain name" in answer.json()["sentence"]


def test_the_admin_asks_its_people_for_a_second_factor(
    browser_as: As, dora: User, clock: Any
) -> None:
    dora.is_staff = dora.is_superuser = True
    dora.save()
    browser = browser_as(dora)
    assert browser.get("/admin/").status_code == 200
    decide(staff_second_factor=True)
    assert browser.get("/admin/", follow=True).redirect_chain[-1][0] == SECURITY
    assert "You help to run this site" in browser.get(SECURITY).text
    browser.post(f"{SECURITY}app/", SURE)
    app = pyotp.TOTP(secret_on(browser.get(f"{SECURITY}app/")))
    browser.post(f"{SECURITY}app/", {"code": app.at(clock.now)})
    # Set up in this session: no second prompt. In another one there is.
    assert browser.get("/admin/").status_code == 200
    other = browser_as(dora)
    chain = other.get("/admin/", follow=True).redirect_chain
    assert chain[-1][0].startswith("/login/second-step/?next=%2Fadmin%2F")
    assert other.get("/admin/accounts/user/").status_code == 302
    clock.now += 60
    done = other.post(chain[-1][0], {"code": app.at(clock.now), "next": "/admin/"})
    assert done["Location"] == "/admin/"
    assert other.get("/admin/").status_code == 200
    assert "need a second step" in browser.post(f"{SECURITY}app/off/", SURE).text
    assert service.is_on(dora)


def test_the_admin_has_no_log_in_of_its_own(browser_as: As, dora: User, alice: User) -> None:
    dora.is_staff = True
    dora.save()
    client = Client()
    form = {"username": "dora", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", form)["Location"] == "/login/?next=/admin/"
    assert "_auth_user_id" not in client.session
    assert browser_as(alice).get("/admin/login/").status_code == 403


def test_an_administrator_removes_factors_and_it_is_logged(
    browser_as: As, app: pyotp.TOTP, key: Authenticator, dora: User, alice: User
) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    browser = browser_as(alice)
    page = browser.get(f"/admin/accounts/user/{dora.pk}/change/").text
    assert "an authenticator app, passkey “Phone”" in page
    ticked = {"action": "remove_factors", "_selected_action": [str(dora.pk), str(alice.pk)]}
    assert "Removed: 1." in browser.post("/admin/accounts/user/", ticked, follow=True).text
    assert not service.is_on(dora)
    assert LogEntry.objects.get().change_message == "Second factors removed."
    client = Client()
    client.post("/login/", {"username": "dora", "password": PASSWORD})
    assert client.get("/settings/").status_code == 200


def test_the_command_removes_factors(app: pyotp.TOTP, dora: User) -> None:
    said = StringIO()
    call_command("remove_factors", "Dora", stdout=said)
    call_command("remove_factors", "dora", stdout=said)
    assert said.getvalue() == "@dora: removed.\n@dora: there were none.\n"
    assert not service.is_on(dora)


def test_secrets_outlive_a_change_of_the_secret_key(
    app: pyotp.TOTP, dora: User, clock: Any, settings: Any
) -> None:
    codes = service.new_codes(dora)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-" * 8
    settings.SECRET_KEY_FALLBACKS = [former]
    assert totp.accept(dora, app.at(clock.now))
    # From then on it is sealed under the present key.
    settings.SECRET_KEY_FALLBACKS = []
    clock.now += 60
    assert totp.accept(dora, app.at(clock.now))
    settings.SECRET_KEY = "lost-and-made-anew-" * 4
    clock.now += 60
    assert not totp.accept(dora, app.at(clock.now))
    assert unseal(seal("x")) == "x"
    assert recovery.use(dora, codes[0])


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_code_at_once_one_gets_in() -> None:
    dora = make_user("dora")
    code = recovery.renew(dora)[0]

    def use(_: int) -> bool:
        try:
            return recovery.use(dora, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(use, range(20))) == 1
    assert recovery.left(dora) == 9
