"""What the provider says and the site does not take, and a provider that says nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity, LogIn, User
from accounts.provider.client import _provider, _usable
from tests.accounts.provider.conftest import Configure
from tests.accounts.provider.server import (
    IdentityProvider,
    back,
    begun_in,
    identity_provider,
    is_in,
    query_of,
    sent_to,
    sign_in,
)
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLIENT = "accounts.provider.client"


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"aud": "another-site"}, "aud"),
        ({"aud": "another-site", "azp": "photos"}, "aud"),
        ({"aud": ["photos", "another-site"]}, "azp"),
        ({"azp": "another-site"}, "azp"),
        ({"iss": "https://id.example.org"}, "iss"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"iat": 4_000_000_000}, "issued in the future"),
        ({"at_hash": "of-another-token"}, "at_hash"),
    ],
)
def test_a_token_for_something_else_lets_nobody_in(
    configure: Configure,
    provider: IdentityProvider,
    linked: User,
    caplog: Any,
    claims: dict[str, Any],
    fault: str,
) -> None:
    configure()
    provider.tell("sub-dora", **claims)
    client = Client()
    with caplog.at_level(logging.WARNING, CLIENT):
        found = sign_in(client, provider, "sub-dora")
    assert (found["Location"], is_in(client)) == ("/login/", False)
    (line,) = [one for one in caplog.records if one.name == CLIENT]
    assert fault in line.getMessage()
    assert "please try again" in client.get("/login/").content.decode().lower()


def test_an_answer_counts_once(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    address = provider.log_in(sent_to(client), "sub-dora")
    assert back(client, address).status_code == 302
    client.post("/logout/")
    assert back(client, address)["Location"] == "/login/"
    assert not is_in(client)
    assert LogIn.objects.count() == 1


def test_an_answer_counts_in_the_browser_that_began(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    theirs, other = Client(), Client()
    sent_to(other)
    address = provider.log_in(sent_to(theirs), "sub-dora")
    assert back(other, address)["Location"] == "/login/"
    assert not is_in(other)
    assert back(theirs, address)["Location"] == "/feed/"


def test_two_tabs_do_not_disturb_each_other(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    first, second = sent_to(client, next="/upload/"), sent_to(client)
    assert back(client, provider.log_in(first, "sub-dora"))["Location"] == "/upload/"
    assert back(client, provider.log_in(second, "sub-dora"))["Location"] == "/feed/"
    assert is_in(client)
    assert LogIn.objects.count() == 1


def test_a_browser_remembers_the_last_few_sign_ins(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    begun = [sent_to(client) for _ in range(7)]
    assert len(begun_in(client)) == 5
    assert back(client, provider.log_in(begun[0], "sub-dora"))["Location"] == "/login/"
    assert back(client, provider.log_in(begun[-1], "sub-dora"))["Location"] == "/feed/"


def test_a_sign_in_that_takes_too_long_is_begun_anew(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    address = provider.log_in(sent_to(client), "sub-dora")
    session = client.session
    for key in begun_in(client):
        session[key] = {**session[key], "exp": session[key]["exp"] - 601}
    session.save()
    assert back(client, address)["Location"] == "/login/"


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=y", "?error=server_error"])
def test_an_answer_that_nobody_asked_for(configure: Configure, query: str) -> None:
    configure()
    found = Client().get(f"/login/provider/answer/{query}")
    assert found.status_code == (503 if "server_error" in query else 302)


def test_another_issuer_has_answered(
    configure: Configure, provider: IdentityProvider, linked: User
) -> None:
    configure()
    client = Client()
    address = provider.log_in(sent_to(client), "sub-dora") + "&iss=https%3A%2F%2Fid.example.org"
    assert back(client, address)["Location"] == "/login/"
    assert not is_in(client)


def test_who_cancels_is_told_so(configure: Configure, provider: IdentityProvider) -> None:
    configure()
    client = Client()
    state = query_of(address := sent_to(client))["state"]
    back(client, f"{provider.cancel(address)}&state={state}")
    assert "cancelled" in client.get("/login/").content.decode()


def test_keys_are_kept_and_asked_for_anew_when_they_change(
    configure: Configure, dora: User, tmp_path: Path
) -> None:
    with identity_provider(tmp_path) as first:
        first.tell("sub-dora")
        configure(provider_issuer=first.issuer)
        Identity.objects.create(user=dora, issuer=first.issuer, subject="sub-dora")
        assert sign_in(Client(), first, "sub-dora")["Location"] == "/feed/"
        assert sign_in(Client(), first, "sub-dora")["Location"] == "/feed/"
        log = (tmp_path / "provider.log").read_text()
        assert log.count("/jwks") == log.count("/.well-known/openid-configuration") == 1
    with identity_provider(tmp_path, first.port) as second:
        second.tell("sub-dora")
        assert sign_in(Client(), second, "sub-dora")["Location"] == "/feed/"


def test_a_provider_that_is_down_is_one_sentence_and_one_line(
    configure: Configure, dora: User, tmp_path: Path, caplog: Any
) -> None:
    with identity_provider(tmp_path) as gone:
        configure(provider_issuer=gone.issuer)
        began = Client()
        address = gone.log_in(sent_to(began), "sub-dora")
    with caplog.at_level(logging.WARNING, CLIENT):
        for answer in (back(began, address), _anew(Client())):
            assert answer.status_code == 503
            assert answer["Retry-After"] == "60"
            assert "can’t be reached" in answer.content.decode()
    assert len([one for one in caplog.records if one.name == CLIENT]) == 2
    assert not any(one.exc_info for one in caplog.records if one.name == CLIENT)
    client = Client()
    client.post("/login/", {"username": "dora", "password": PASSWORD})
    assert is_in(client)


def test_only_signatures_of_two_keys_count_and_addresses_of_https() -> None:
    issuer = "https://id.example.org"
    known = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
        "client_id": "another",
    }
    used = _usable(known, issuer, "secret")
    assert used["id_token_signing_alg_values_supported"] == ["ES256"]
    assert used["token_endpoint_auth_method"] == "client_secret_basic"
    assert "client_id" not in used
    for wrong in (
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"token_endpoint": "http://id.example.org/token"},
        {"jwks_uri": None},
        {"issuer": "https://other.example.org"},
    ):
        with pytest.raises(ValueError, match="the provider"):
            _usable({**known, **wrong}, issuer, "secret")
    kinds: tuple[Any, ...] = (None, [], "text")
    for wrong_kind in kinds:
        with pytest.raises(ValueError, match="issuer"):
            _usable(wrong_kind, issuer, None)


def _anew(client: Client) -> Any:
    """Begin where nothing of the provider is kept."""
    _provider.cache_clear()
    return client.get("/login/provider/")
