"""Invitations: links with which a number of people can sign up until a day, and who made them."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.doors.site import site_settings
from accounts.models import Invitation, SignUp, User, UserStats
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate

# What members may make who are not staff.
MAX_USES, MAX_DAYS, MAX_OPEN = 10, 30, 20
# Characters of base 64: 96 bits, which nobody guesses.
_CODE_BYTES = 12
# What may be asked of a database: PostgreSQL refuses a NUL character.
_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
SPENT = _("This invitation is no longer valid: it was used, withdrawn, or has run out.")


def may_invite(user: User) -> bool:
    """Return whether a person may make invitations now. No query of its own."""
    site = site_settings()
    return site.sign_up != SignUp.CLOSED and (site.members_may_invite or user.is_staff)


@transaction.atomic
def invite(*, user: User, max_uses: int = 1, days: int = 7, note: str = "") -> Invitation:
    """Make an invitation for ``max_uses`` people, valid for ``days``, and return it.

    Raises ``PermissionDenied`` if the person may not invite, ``ValidationError`` for more than
    ``MAX_OPEN`` that are open. Four statements.
    """
    if not may_invite(user):
        raise PermissionDenied(gettext("Only the people who run this site can invite others."))
    # Two at once wait for each other here, and for a suspension, which is asked for after that.
    UserStats.objects.select_for_update().get(user=user)
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise PermissionDenied(gettext("This account is suspended."))
    now = timezone.now()
    if Invitation.objects.filter(inviter=user).usable(now).count() >= MAX_OPEN:
        sentence = gettext(
            "You have %(max_open)s open invitations. Withdraw one of them first."
        ) % {"max_open": MAX_OPEN}
        raise ValidationError(sentence, code="too_many_invitations")
    return Invitation.objects.create(
        inviter=user,
        code=new_code(),
        note=note,
        max_uses=max_uses,
        expires_at=now + timedelta(days=days),
    )


def new_code() -> str:
    """Return a code that nobody can guess, for an address."""
    return secrets.token_urlsafe(_CODE_BYTES)


def revoke(*, user: User, invitation_id: int) -> bool:
    """Withdraw an invitation of a person; tell whether it is theirs. One statement."""
    return bool(Invitation.objects.filter(pk=invitation_id, inviter=user).update(is_revoked=True))


def made_by(user: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[Invitation]:
    """Return a page of a person's invitations, newest first. One query."""
    return paginate(Invitation.objects.filter(inviter=user), cursor, size, ("id",))


def usable(code: str) -> Invitation | None:
    """Return the invitation of this code, with who made it, if it can be used now. One query.

    That is for showing it: who signs up has to ``spend`` it.
    """
    if not _CODE.fullmatch(code):
        return None
    found = Invitation.objects.usable(timezone.now()).filter(code=code, inviter__is_active=True)
    return found.select_related("inviter").first()


def spend(code: str) -> Invitation:
    """Take one use of the invitation with this code, in the transaction of a sign-up.

    The condition is in the statement that takes it: of several at once, as many get in as there
    are uses left, and the others wait until that is known. Who was suspended meanwhile has none
    (``accounts.services.suspend`` withdraws it), nor has who leaves, until they are back. Raises
    ``ValidationError`` if there is no use left. Two statements.
    """
    rows = Invitation.objects.filter(code=code)
    inviter = Exists(User.objects.filter(pk=OuterRef("inviter"), is_active=True))
    if not rows.usable(timezone.now()).filter(inviter).update(uses=F("uses") + 1):
        raise ValidationError({"invitation": ValidationError(SPENT, code="spent_invitation")})
    return rows.get()
