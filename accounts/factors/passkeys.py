"""Passkeys (WebAuthn): keys in devices and keychains, which sign a challenge of the site.

fido2 makes the options and checks the answers. What holds the key has seen a finger, a face or a
PIN where the site asks for it: such a passkey is two factors, and logs in without a password.
"""

from __future__ import annotations

import json
import logging
import secrets
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import Challenge, Passkey, User

logger = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=5)
# Of one person.
MOST = 20
_REQUIRED = UserVerificationRequirement.REQUIRED
_PREFERRED = UserVerificationRequirement.PREFERRED
# What the library and the parsers below it raise for bytes that are no answer of a passkey.
_FAULTS = (
    *(ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError),
    *(NotImplementedError, RecursionError, struct.error, UnsupportedAlgorithm),
)


class RefusedPasskey(ValueError):
    """The answer of a passkey is not accepted; the message says to people what they can do."""


class Question(NamedTuple):
    """A challenge as a browser takes it: its id, and the options that WebAuthn defines."""

    state: str
    options: dict[str, Any]


class Answer(NamedTuple):
    """Whose passkey has answered, and whether its counter went back: then there may be a copy."""

    user: User
    is_copy: bool


def is_available() -> bool:
    """Return whether passkeys can be used: browsers know none for sites without a name. No query.

    The domain is that of ``SITE_URL``, never what a request names.
    """
    host = _domain()
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return bool(host)
    return False


def of(user: User) -> list[Passkey]:
    """Return the passkeys of a person, oldest first. One query."""
    return list(Passkey.objects.filter(user=user).order_by("pk"))


@transaction.atomic
def ask_to_add(user: User) -> Question:
    """Return the question to a device that is to hold a passkey for ``user``. Two statements.

    Devices that hold one are named, so that none is replaced. The password has been asked for.
    Raises ``RefusedPasskey`` where there can be none, or no more.
    """
    held = of(user)
    _refuse_unavailable()
    if len(held) >= MOST:
        raise RefusedPasskey(gettext("You have 20 passkeys. Remove one first."))
    handle = held[0].user_handle if held else websafe_encode(secrets.token_bytes(32))
    them = PublicKeyCredentialUserEntity(
        id=websafe_decode(handle), name=user.username, display_name=user.name
    )
    options, state = _server().register_begin(
        them,
        [_descriptor(passkey) for passkey in held],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_PREFERRED,
    )
    return _ask(Challenge.Purpose.ADD, options, state, user=user, user_handle=handle)


@transaction.atomic
def add(*, user: User, state: str, answer: Any, name: str) -> Passkey:
    """Keep the passkey that has answered ``ask_to_add``. Four statements.

    ``answer`` is WebAuthn's ``RegistrationResponseJSON``. Raises ``RefusedPasskey``.
    """
    challenge = _spend(state, Challenge.Purpose.ADD, user)
    with _understood():
        data = _server().register_complete(_state_of(challenge, _PREFERRED), _mapping(answer))
        made = _credential_in(data)
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                user=user,
                name=name or gettext("Passkey"),
                credential_id=websafe_encode(made.credential_id),
                credential=bytes(made),
                user_handle=challenge.user_handle,
                rp_id=_domain(),
                sign_count=data.counter,
            )
    except IntegrityError:
        raise RefusedPasskey(gettext("This passkey is already in use.")) from None


def ask_to_log_in(user: User | None) -> Question:
    """Return the question to a passkey of ``user``, whose password was right; or to any passkey.

    Any passkey has to have seen who holds it: it stands for the password as well. Two statements.
    Raises ``RefusedPasskey`` where there are none.
    """
    _refuse_unavailable()
    keys = [_descriptor(passkey) for passkey in of(user)] if user else None
    options, state = _server().authenticate_begin(
        keys, user_verification=_PREFERRED if user else _REQUIRED
    )
    return _ask(Challenge.Purpose.LOG_IN, options, state, user=user)


@transaction.atomic
def identify(*, user: User | None, state: str, answer: Any) -> Answer:
    """Return whose passkey has answered ``ask_to_log_in``. Four statements.

    ``user`` is whom the question was for; whether they are active is for the caller to ask.
    ``answer`` is WebAuthn's ``AuthenticationResponseJSON``. Raises ``RefusedPasskey``.
    """
    challenge = _spend(state, Challenge.Purpose.LOG_IN, user)
    with _understood():
        given = AuthenticationResponse.from_dict(_mapping(answer))
        passkey = _passkey(given.id, user)
        handle = given.response.user_handle
        if handle is not None:
            _compare(websafe_encode(handle), passkey.user_handle)
        held = AttestedCredentialData(bytes(passkey.credential))
        server_state = _state_of(challenge, _PREFERRED if user else _REQUIRED)
        _server().authenticate_complete(server_state, [held], given)
        counter = given.response.authenticator_data.counter
    # Synced passkeys count nothing: 0 after 0.
    is_copy = 0 < counter <= passkey.sign_count or counter == 0 < passkey.sign_count
    if is_copy:
        logger.warning("The counter of passkey %s went back: there may be a copy.", passkey.pk)
    Passkey.objects.filter(pk=passkey.pk).update(sign_count=counter, used_at=timezone.now())
    return Answer(passkey.user, is_copy)


def _credential_in(data: AuthenticatorData) -> AttestedCredentialData:
    """Return the credential that was made, whose signatures this site can check."""
    made = data.credential_data
    # COSE: 3 is the algorithm.
    if made is None or made.public_key.get(3) not in CoseKey.supported_algorithms():
        raise ValueError("a key of a kind that cannot be checked")
    return made


def _passkey(credential_id: str, user: User | None) -> Passkey:
    """Return the passkey with this id; raises ``RefusedPasskey`` if it is none of ``user``'s."""
    known = Passkey.objects.select_related("user").filter(credential_id=credential_id)
    found = (known.filter(user=user) if user else known).first()
    if found is None:
        sentence = gettext("This site doesn’t know this passkey. You can delete it on your device.")
        raise RefusedPasskey(sentence)
    return found


def _ask(purpose: Challenge.Purpose, options: Any, state: dict[str, Any], **whose: Any) -> Question:
    row = Challenge.objects.create(
        purpose=purpose,
        challenge=state["challenge"],
        expires_at=timezone.now() + VALID_FOR,
        **whose,
    )
    return Question(str(row.pk), dict(options)["publicKey"])


def _spend(state: str, purpose: Challenge.Purpose, user: User | None) -> Challenge:
    """Return the challenge and delete it; raises ``RefusedPasskey`` if there is none any more."""
    number = int(state) if state.isascii() and state.isdigit() and len(state) < 19 else 0
    now = timezone.now()
    rows = Challenge.objects.filter(pk=number, purpose=purpose, user=user, expires_at__gt=now)
    found = rows.first()
    if found is None or not rows.delete()[0]:
        raise RefusedPasskey(gettext("That took too long. Please try again."))
    return found


@contextmanager
def _understood() -> Iterator[None]:
    """Raise ``RefusedPasskey`` for what the library refuses; the reason goes to the log."""
    try:
        yield
    except RefusedPasskey:
        raise
    except _FAULTS as error:
        logger.warning("A passkey was refused: %s: %s", type(error).__name__, error)
        sentence = gettext("The passkey didn’t work. Use it at %(site)s, and try again.")
        raise RefusedPasskey(sentence % {"site": settings.SITE_URL}) from None


def _compare(one: str, other: str) -> None:
    if not constant_time_compare(one, other):
        raise ValueError("the passkey is somebody else's")


def _mapping(answer: Any) -> Mapping[str, Any]:
    """Return an answer, which pages send as text; raises ``ValueError`` for no JSON object."""
    found = json.loads(answer) if isinstance(answer, str) else answer
    if not isinstance(found, Mapping):
        raise ValueError("no JSON object")  # noqa: TRY004 - one kind of fault for all that is sent
    return found


def _state_of(challenge: Challenge, verification: UserVerificationRequirement) -> dict[str, Any]:
    return {"challenge": challenge.challenge, "user_verification": verification}


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(passkey.credential_id)
    )


def _refuse_unavailable() -> None:
    if not is_available():
        raise RefusedPasskey(gettext("This site has no domain name, so it can’t use passkeys."))


def _domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def _server() -> Fido2Server:
    return _server_of(settings.SITE_URL, settings.SITE_NAME)


@lru_cache(maxsize=2)
def _server_of(site_url: str, name: str) -> Fido2Server:
    """Return the server for the one origin that a site has; ports 80 and 443 are left out of it."""
    address = urlsplit(site_url)
    usual = {"http": 80, "https": 443}[address.scheme]
    host = (address.hostname or "").encode("idna").decode()
    port = f":{address.port}" if address.port not in {None, usual} else ""
    origin = f"{address.scheme}://{host}{port}"
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=name),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda given: given == origin,
    )
