"""Verbs on accounts: register, change a password, suspend, restore.

Verbs that change photos or feeds too (privacy, deletion, avatars) are in ``social``.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import account_cache
from accounts.models import ApiSession, User
from minigram_site.storage import public_links


def register(*, username: str, email: str, password: str) -> User:
    """Make an account and return it. Raises ``ValidationError`` by field for what is taken.

    The values have been validated; the database decides between two requests at once.
    """
    try:
        with transaction.atomic():
            return User.objects.create_user(username, email, password)
    except IntegrityError:
        if not (taken := _taken(username, email)):
            raise
        raise ValidationError(taken) from None


@transaction.atomic
def change_password(*, user: User, password: str | None) -> None:
    """Set a new password; every session and token made before stops working at once.

    With ``None`` the person cannot log in until a password is set for them.
    """
    user.set_password(password)
    user.auth_version += 1
    user.save(update_fields=["password", "auth_version"])
    ApiSession.objects.filter(user=user).delete()
    account_cache.invalidate_account(user.pk)


def refuse_taken(*, email: str, user: User) -> None:
    """Raise ``ValidationError`` by field if somebody but ``user`` has this e-mail address."""
    if User.objects.filter(email=email.lower()).exclude(pk=user.pk).exists():
        raise ValidationError(_taken("", email))


def change_email(*, user: User, email: str) -> None:
    """Set another e-mail address; raises ``ValidationError`` by field if it is taken."""
    user.email = email.lower()
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
            account_cache.invalidate_account(user.pk)
    except IntegrityError:
        if not (taken := _taken("", email)):
            raise
        raise ValidationError(taken) from None


@transaction.atomic
def end_sessions(*, user: User) -> None:
    """Make every session and token of a person stop working at once."""
    User.objects.filter(pk=user.pk).update(auth_version=F("auth_version") + 1)
    ApiSession.objects.filter(user=user).delete()
    user.refresh_from_db(fields=["auth_version"])
    account_cache.invalidate_account(user.pk)


@transaction.atomic
def suspend(*, user: User) -> None:
    """Make a person and their photos invisible and log them out everywhere, until restored.

    Raises ``StorageUnavailable`` if their pictures stay at their addresses.
    """
    User.objects.filter(pk=user.pk).update(is_active=False, auth_version=F("auth_version") + 1)
    ApiSession.objects.filter(user=user).delete()
    user.refresh_from_db(fields=["is_active", "auth_version"])
    public_links.withdraw_person(user.pk)
    account_cache.invalidate_account(user.pk)


@transaction.atomic
def restore(*, user: User) -> None:
    """End a suspension; the person is visible, and may log in again."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.refresh_from_db(fields=["is_active"])
    account_cache.invalidate_restored(user.pk)


def _taken(username: str, email: str) -> dict[str, list[ValidationError]]:
    """Return the unique fields, name or e-mail, that an insert collided with, as errors."""
    faults = {}
    for field, value in (("username", username), ("email", email)):
        if User.objects.filter(**{field: value.lower()}).exists():
            message = str(getattr(User, field).field.error_messages["unique"])
            faults[field] = [ValidationError(message, code="unique")]
    return faults
