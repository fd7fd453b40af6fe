"""Identities: which account is whose at the provider, and the verbs that change it.

An identity is what the issuer calls the person (``subject``), never a name or an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.doors.confirmations import address_of
from accounts.doors.signing_up import sign_up
from accounts.doors.site import read
from accounts.factors import mails
from accounts.models import Identity, NewPeople, SiteSettings, User
from accounts.provider.client import Answer
from minigram_site.db import on_primary


def fulfils(claims: Mapping[str, Any], site: SiteSettings) -> bool:
    """Return whether the provider says of somebody what the site asks for. No query."""
    if not site.provider_claim:
        return True
    found: Any = claims.get(site.provider_claim)
    if found is None:
        found = claims
        for part in site.provider_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    held = found if isinstance(found, list) else [found]
    wanted = site.provider_claim_value
    return any(one == wanted if isinstance(one, str) else _says(one, wanted) for one in held)


def identity_of(user: User) -> Identity | None:
    """Return the identity of an account at a provider, the one used last. One query."""
    return Identity.objects.filter(user=user).order_by("-used_at", "-pk").first()


def person_of(answer: Answer) -> User | None:
    """Return whose account it is that the provider speaks of, and note that it was used.

    Whether they may come in is for the caller to ask. Two statements.
    """
    held = Identity.objects.filter(issuer=answer.issuer, subject=answer.subject)
    with on_primary():
        found = held.select_related("user").first()
    if found is None:
        return None
    held.update(used_at=timezone.now())
    return found.user


@transaction.atomic
def adopt(answer: Answer) -> User | None:
    """Link the account with the address that the provider has verified, and return its person.

    Only where the site's settings say that the provider's addresses count, and where the person
    has confirmed the address here; never one of the staff. ``None`` for all others. Up to five
    statements.
    """
    email = answer.verified_email
    if not email or not read().provider_vouches_for_email:
        return None
    user = User.objects.admitted().filter(email=email, is_staff=False).first()
    if user is None or not address_of(user).is_confirmed:
        return None
    try:
        link(user=user, answer=answer)
    except ValidationError:
        # They have another identity there.
        return None
    return user


@transaction.atomic
def link(*, user: User, answer: Answer) -> None:
    """Make an account that of an identity. The person is told by mail.

    Raises ``ValidationError`` if either is linked to something else. Two statements.
    """
    held = Identity.objects.filter(issuer=answer.issuer, subject=answer.subject).first()
    if held is not None and held.user_id == user.pk:
        return
    _insert(user, answer)
    mails.tell_on_commit(user, mails.PROVIDER_LINKED)


@transaction.atomic
def unlink(*, user: User) -> bool:
    """Forget the identities of an account; tell whether there were any. The person is told by mail.

    Raises ``ValidationError`` if they could not log in any more. Four statements.
    """
    list(User.objects.select_for_update().filter(pk=user.pk).values_list("pk"))
    rows = Identity.objects.filter(user=user)
    if not rows.exists():
        return False
    if not has_another_way(user):
        sentence = gettext("This is the only way to log in to your account, so it has to stay.")
        raise ValidationError(sentence, "only_way")
    rows.delete()
    mails.tell_on_commit(user, mails.PROVIDER_UNLINKED)
    return True


def has_another_way(user: User) -> bool:
    """Return whether somebody can log in without the provider. Up to two queries."""
    if read().is_provider_only and not user.is_staff:
        return False
    return user.has_usable_password() or user.passkeys.exists()


@transaction.atomic
def come_in(
    answer: Answer,
    *,
    username: str,
    email: str,
    invitation: str = "",
    reply: str = "",
    language: str = "",
) -> User:
    """Make an account for somebody whom the provider knows, and return it.

    It has no password. By which door they come, and whether their address has to be confirmed, is
    as the site's settings say of the provider; ``email`` counts only where it has verified none
    that counts. Raises what ``accounts.doors.signing_up.sign_up`` raises, and ``ValidationError``
    if somebody has come in by this identity meanwhile. Two statements more than that.
    """
    site = read()
    known = trusted_email(answer, site)
    user = sign_up(
        username=username,
        email=known or email,
        password=None,
        invitation=invitation,
        answer=reply,
        language=language,
        is_vouched=site.provider_new_people == NewPeople.ALL,
        is_confirmed=bool(known),
    )
    _insert(user, answer)
    return user


def trusted_email(answer: Answer, site: SiteSettings) -> str:
    """Return the address that counts as confirmed, as the provider says so; or nothing."""
    return answer.verified_email if site.provider_vouches_for_email else ""


def _insert(user: User, answer: Answer) -> None:
    try:
        with transaction.atomic():
            Identity.objects.create(
                user=user, issuer=answer.issuer, subject=answer.subject, used_at=timezone.now()
            )
    except IntegrityError:
        sentence = gettext("One of the two is already linked to something else.")
        raise ValidationError(sentence, "already_linked") from None


def _says(one: object, wanted: str) -> bool:
    """Return whether a claim that is no text is what was asked for: true, or a number."""
    if isinstance(one, bool):
        return str(one).lower() == wanted.lower()
    return isinstance(one, int) and str(one) == wanted
