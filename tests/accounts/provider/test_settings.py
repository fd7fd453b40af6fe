"""What the site's settings say of a provider: checked, and its secret sealed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.doors import site
from accounts.factors.sealing import seal, unseal
from accounts.models import SiteSettings
from accounts.models.provider import is_secure, validate_redirects
from accounts.provider import client
from accounts.provider.forms import ProviderForm
from tests.accounts.doors.scene import make_admin

pytestmark = pytest.mark.django_db
PAGE = "/admin/accounts/sitesettings/1/change/"
KNOWN = {
    "provider_label": "Club ID",
    "provider_issuer": "https://id.example.org/realms/club",
    "provider_client_id": "photos",
    "provider_new_people": "doors",
}


def form_of(row: SiteSettings, **typed: str) -> ProviderForm:
    """Return the form, filled in and found right."""
    form = ProviderForm({**KNOWN, **typed}, instance=row)
    assert form.is_valid(), form.errors
    return form


def test_the_secret_is_sealed_and_not_shown() -> None:
    row = form_of(SiteSettings(), provider_new_secret="a client's secret").instance
    assert "secret" not in row.provider_secret
    assert unseal(row.provider_secret) == "a client's secret"
    assert row.provider_secret not in form_of(row).as_p()
    assert unseal(row.provider_secret) == "a client's secret"


def test_the_secret_goes_to_no_other_issuer() -> None:
    row = SiteSettings(**KNOWN, provider_secret=seal("a client's secret"))
    form_of(row, provider_issuer="https://id.example.com")
    assert row.provider_secret == ""


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"provider_issuer": "http://id.example.org"}, "provider_issuer"),
        ({"provider_issuer": "https://id.example.org/?tenant=1"}, "provider_issuer"),
        ({"provider_issuer": "id.example.org"}, "provider_issuer"),
        ({"provider_client_id": ""}, "provider_client_id"),
        ({"provider_label": ""}, "provider_label"),
        ({"provider_issuer": "", "provider_only": "on"}, "provider_only"),
        ({"provider_claim": "groups"}, "provider_claim_value"),
        ({"provider_app_redirects": "javascript:alert(1)"}, "provider_app_redirects"),
    ],
)
def test_half_a_provider_is_refused(typed: dict[str, str], field: str) -> None:
    form = ProviderForm({**KNOWN, **typed}, instance=SiteSettings())
    assert list(form.errors) == [field]


def test_which_addresses_are_secure() -> None:
    for right in (
        "https://id.example.org",
        "http://localhost:9400/x",
        "http://[::1]/",
        "https://a/b",
    ):
        assert is_secure(right), right
    for wrong in (
        "http://id.example.org",
        "http://127.0.0.1@id.example.org/",
        "ftp://a/",
        "",
        None,
        "https://",
        "https://a/#b",
        "http://[",
        "http://localhost.example.org",
    ):
        assert not is_secure(wrong), wrong


def test_where_apps_can_be_led_back() -> None:
    validate_redirects("org.example.photos:/done\nhttps://app.example.org/done\nhttp://[::1]/done")
    for wrong in ("photos:/done", "http://example.org/done", "https://app.example.org", "data:,x"):
        with pytest.raises(ValidationError):
            validate_redirects(wrong)


def test_the_admin_saves_it_and_tells_of_a_provider_that_does_not_answer(
    browser_as: Any, client_page: dict[str, str]
) -> None:
    browser = browser_as(make_admin())
    typed = {**client_page, **KNOWN, "provider_issuer": "http://127.0.0.1:9/"}
    found = browser.post(PAGE, {**typed, "provider_new_secret": "a client's secret"}, follow=True)
    assert "The provider cannot be used yet." in found.content.decode()
    row = SiteSettings.objects.get()
    assert unseal(row.provider_secret) == "a client's secret"
    assert row.provider_secret not in browser.get(PAGE).content.decode()


@pytest.fixture
def client_page() -> dict[str, str]:
    """Return what the admin's form is sent with beside the provider."""
    required = {"sign_up": "open", "email_check": "none"}
    return required | {"deletion_days": "30", "import_gigabytes": "10"}


def test_the_secret_is_sealed_anew_under_a_new_key(settings: Any) -> None:
    former, new = settings.SECRET_KEY, "a new key of the site, long enough for everything"
    site.change(SiteSettings(**KNOWN, provider_secret=seal("a client's secret")))
    assert client.seal_anew() == 0
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [former]
    assert client.seal_anew() == 1
    assert client.seal_anew() == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(SiteSettings.objects.get().provider_secret) == "a client's secret"


def test_programs_learn_of_it(api_as: Any) -> None:
    found = api_as(None).get("/api/v1/instance/").json()
    assert (found["provider"], found["provider_only"]) == ("", False)
    site.change(SiteSettings(**KNOWN, provider_only=True))
    found = api_as(None).get("/api/v1/instance/").json()
    assert (found["provider"], found["provider_only"]) == ("Club ID", True)
