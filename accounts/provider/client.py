"""The provider as the site speaks to it: Authlib's client of OpenID Connect, with our bounds.

Authlib makes the request (code, PKCE, state, nonce) and checks the answer. What it leaves open is
closed here: who must have signed for whom, which signatures count, which addresses are asked, how
long that may take, and for how long keys are kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from joserfc.errors import BadSignatureError, JoseError
from requests.exceptions import RequestException

from accounts.factors.sealing import sealed_anew, unseal
from accounts.models import SiteSettings
from accounts.models.provider import is_secure

logger = logging.getLogger(__name__)

# To connect, and for each part of an answer.
TIMEOUT_SECONDS = (3, 5)
# For what the provider says of itself, its keys included.
KEPT_SECONDS = 3600
# Clocks differ by that much.
LEEWAY_SECONDS = 60
# Keys of two halves: a signature that the site could make as well proves nothing.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OUTAGES = frozenset({"server_error", "temporarily_unavailable"})
# What the library and the parsers below it raise for answers that are none.
_FAULTS = (AuthlibBaseError, JoseError, ValueError, TypeError, LookupError, RuntimeError)


class ProviderUnavailable(Exception):
    """The provider cannot be asked now. Pages answer with 503 and a sentence."""


class SignInRefused(Exception):
    """Nobody comes in by this answer; the message says to people what they can do."""


class Answer(NamedTuple):
    """What the provider has said of somebody, and what the sign-in was begun for."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    # As given to ``begin``.
    purpose: Mapping[str, Any]

    @property
    def email(self) -> str:
        """The address that the provider names, verified or not, in lower case; else empty."""
        email = self.claims.get("email")
        try:
            validate_email(email)
        except ValidationError:
            return ""
        return str(email).lower()

    @property
    def verified_email(self) -> str:
        """The address that the provider has verified, in lower case; empty without one."""
        # Exactly true: a missing claim, or the text "true", says nothing.
        return self.email if self.claims.get("email_verified") is True else ""


class Browsers(DjangoIntegration):  # type: ignore[misc]  # without types
    """What a browser's session remembers of sign-ins that it has begun: the last few, for a while.

    Several, as people have several tabs.
    """

    expires_in = 600
    MOST = 5

    def set_state_data(self, session: Any, state: str, data: dict[str, Any]) -> None:
        """Remember a sign-in, and forget the oldest beyond ``MOST``."""
        super().set_state_data(session, state, data)
        begun = [key for key in session.keys() if key.startswith(f"_state_{self.name}_")]  # noqa: SIM118 - no mapping
        for key in sorted(begun, key=lambda key: session[key]["exp"])[: -self.MOST]:
            del session[key]

    def get_state_data(self, session: Any, state: str | None) -> dict[str, Any] | None:
        """Return what is remembered of a sign-in, unless it was begun too long ago."""
        held = session.get(f"_state_{self.name}_{state}")
        return held["data"] if held and held["exp"] > time.time() else None


class Provider(DjangoOAuth2App):  # type: ignore[misc]  # without types
    """The client of one provider. What that says of itself is kept for ``KEPT_SECONDS``."""

    def __init__(self, issuer: str, client_id: str, secret: str, scopes: str) -> None:
        """Take what the site's settings say. No request."""
        self.issuer = issuer
        self.server_metadata: dict[str, Any]
        super().__init__(
            Browsers("provider"),
            client_id=client_id,
            client_secret=secret or None,
            server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": " ".join(dict.fromkeys(["openid", "profile", "email", *scopes.split()])),
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
                # An access token is used at once, however short it lives.
                "leeway": 0,
                # What it sends elsewhere was not meant for there.
                "max_redirects": 0,
            },
        )

    def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself. No request while it is kept, else one.

        Raises ``RequestException`` and ``ValueError`` where it cannot be asked, or cannot be used.
        """
        if self.server_metadata.get("_loaded_at", 0) + KEPT_SECONDS < time.time():
            with self._get_session() as session:
                found = session.request("GET", self._server_metadata_url, withhold_token=True)
                found.raise_for_status()
                self.server_metadata = _usable(found.json(), self.issuer, self.client_secret)
        return dict(self.server_metadata)

    def fetch_jwk_set(self, force: bool = False) -> Any:  # noqa: FBT001, FBT002 - Authlib's
        """Return the provider's keys. No request while they are kept, else one."""
        metadata = self.load_server_metadata()
        if force or "jwks" not in metadata:
            with self._get_session() as session:
                found = session.request("GET", metadata["jwks_uri"], withhold_token=True)
                found.raise_for_status()
                self.server_metadata = {**metadata, "jwks": found.json()}
        return self.server_metadata["jwks"]

    def parse_id_token(self, token: Any, nonce: str, **options: Any) -> Any:
        """Return the claims of an ID token; raises ``JoseError`` for one that is not accepted.

        Authlib fetches the keys anew for one with a key that has another name. A provider that
        gives its keys no names changes them too.
        """
        try:
            return super().parse_id_token(token, nonce, **options)
        except BadSignatureError:
            self.fetch_jwk_set(force=True)
            return super().parse_id_token(token, nonce, **options)


def provider_of(site: SiteSettings) -> Provider | None:
    """Return the client of the site's provider; ``None`` if people cannot sign in with one.

    No query, no request.
    """
    if not site.has_provider:
        return None
    parts = (site.provider_issuer, site.provider_client_id, site.provider_secret)
    return _provider(*parts, site.provider_scopes, settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _provider(issuer: str, client_id: str, sealed: str, scopes: str, _key: str) -> Provider:
    """Return the client that this process keeps; the key stands for what opens the secret."""
    secret = unseal(sealed) if sealed else ""
    return Provider(issuer, client_id, secret or "", scopes)


def fault_of(site: SiteSettings) -> str:
    """Return why the site's provider cannot be used, for who runs the site; empty if it can.

    One request.
    """
    provider = provider_of(site)
    try:
        if provider is not None:
            provider.load_server_metadata()
    except (RequestException, *_FAULTS) as error:
        return _line(error)
    return ""


def seal_anew() -> int:
    """Seal the secret under the present key if it is under a former one; return how many were.

    No query without former keys, else up to two.
    """
    if not settings.SECRET_KEY_FALLBACKS:
        return 0
    rows = SiteSettings.objects.exclude(provider_secret="")
    held = rows.values_list("provider_secret", flat=True).first()
    sealed = sealed_anew(held) if held else None
    # Unless it was written meanwhile, which has sealed it anew.
    return rows.filter(provider_secret=held).update(provider_secret=sealed) if sealed else 0


def callback() -> str:
    """Return the address to which the provider sends people back, as it has to know it."""
    return str(settings.SITE_URL + reverse("accounts:provider-answer"))


def begin(request: HttpRequest, provider: Provider, purpose: Mapping[str, Any]) -> HttpResponse:
    """Send a browser to the provider; its session remembers what for. At most one request.

    Raises ``ProviderUnavailable``.
    """
    try:
        with _understood():
            made = provider.create_authorization_url(callback())
    except SignInRefused:
        # Nobody has asked for anything yet: it is the provider that cannot be used.
        raise ProviderUnavailable from None
    provider.save_authorize_data(request, redirect_uri=callback(), purpose=dict(purpose), **made)
    return redirect(made["url"])


def finish(request: HttpRequest, provider: Provider) -> Answer:
    """Return whom the provider has sent back, for a sign-in that this browser has begun.

    It is finished by that: the same address a second time is refused. Up to four requests. Raises
    ``SignInRefused`` and ``ProviderUnavailable``.
    """
    held = provider.framework.get_state_data(request.session, request.GET.get("state"))
    with _understood():
        issuer = provider.load_server_metadata()["issuer"]
        # RFC 9207: who has answered, where the provider says so.
        if request.GET.get("iss", issuer) != issuer:
            raise SignInRefused(_again())
        token = provider.authorize_access_token(
            request,
            leeway=LEEWAY_SECONDS,
            claims_options={
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
        )
        claims = dict(token["userinfo"])
        subject = claims["sub"]
        claims = {**_told_elsewhere(provider, token, subject), **claims}
    # What a database takes, and what the specification lets it be.
    is_name = 0 < len(subject) <= 255 and subject.isprintable()
    if not held or not is_name:
        raise SignInRefused(_again())
    return Answer(issuer, subject, claims, held["purpose"])


def _told_elsewhere(provider: Provider, token: Any, subject: str) -> dict[str, Any]:
    """Return the claims of the provider's "userinfo", where most tell name and address."""
    if "userinfo_endpoint" not in provider.load_server_metadata():
        return {}
    found = dict(provider.userinfo(token=token))
    if found.get("sub") != subject:
        raise ValueError("userinfo is about somebody else")
    return found


@contextmanager
def _understood() -> Iterator[None]:
    """Raise our two errors for all that goes wrong with a provider; one line goes to the log."""
    try:
        yield
    except RequestException as error:
        logger.warning("The sign-in provider cannot be asked: %s", _line(error))
        raise ProviderUnavailable from None
    except MismatchingStateError:
        raise SignInRefused(_again()) from None
    except OAuthError as error:
        if error.error in _OUTAGES:
            logger.warning("The sign-in provider has an outage: %s", _line(error))
            raise ProviderUnavailable from None
        if error.error == "access_denied":
            raise SignInRefused(gettext("You weren’t logged in: it was cancelled.")) from None
        logger.warning("The sign-in provider refuses: %s", _line(error))
        raise SignInRefused(_again()) from None
    except _FAULTS as error:
        logger.warning("A sign-in by the provider was refused: %s", _line(error))
        raise SignInRefused(_again()) from None


def _again() -> str:
    return gettext("That didn’t work, or took too long. Please try again.")


def _line(error: Exception) -> str:
    """Return what an error says, on one line and not too long: some of it comes from elsewhere."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _usable(found: Any, issuer: str, secret: str | None) -> dict[str, Any]:
    """Return what is used of a provider's words about itself; raises ``ValueError`` if it cannot.

    Nothing else of it reaches the library.
    """
    named = found.get("issuer") if isinstance(found, dict) else None
    if not isinstance(named, str) or named.rstrip("/") != issuer.rstrip("/"):
        raise ValueError("the provider calls itself by another issuer")
    optional = [name for name in ("userinfo_endpoint", "end_session_endpoint") if found.get(name)]
    addresses = {name: found.get(name) for name in (*_NEEDED, *optional)}
    for name, address in addresses.items():
        if not is_secure(address):
            raise ValueError(f"the provider has no {name} with https")
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    accepted = [one for one in ALGORITHMS if one in offered]
    if not accepted:
        raise ValueError("the provider signs in no way that is accepted")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    return {
        **addresses,
        "issuer": named,
        "id_token_signing_alg_values_supported": accepted,
        "token_endpoint_auth_method": method if secret else "none",
        "_loaded_at": time.time(),
    }
