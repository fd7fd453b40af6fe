"""Signing up: one verb for pages and API, by the door that the site has open."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.doors import confirmations, invitations
from accounts.doors.names import refuse_reserved
from accounts.doors.site import read
from accounts.models import Admission, EmailCheck, Invitation, NewPeople, SignUp, SiteSettings, User

CLOSED = _("This site isn’t accepting new accounts at the moment.")
BY_INVITATION = _(
    "You need an invitation to join this site. Ask someone who is already here for a link."
)
MAX_ANSWER = 1000


class DoorClosed(PermissionDenied):
    """Nobody can sign up in this way; ``code`` is for programs, the message for people."""

    def __init__(self, sentence: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(sentence)
        self.code = code


def require_open(site: SiteSettings, code: str, *, by_provider: bool = False) -> None:
    """Raise ``DoorClosed`` if nobody can sign up so, or not without an invitation. No query."""
    if site.is_provider_only and not by_provider:
        sentence = gettext("On this site you sign up with %(provider)s.")
        raise DoorClosed(sentence % {"provider": site.provider_label}, "provider_only")
    if by_provider and site.provider_new_people == NewPeople.NOBODY:
        raise DoorClosed(str(CLOSED), "registration_closed")
    if site.sign_up == SignUp.CLOSED:
        raise DoorClosed(str(CLOSED), "registration_closed")
    if site.sign_up == SignUp.INVITATION and not code:
        raise DoorClosed(str(BY_INVITATION), "invitation_required")


def asks_question(site: SiteSettings, code: str) -> bool:
    """Return whether who signs up with this code, or none, has to be approved. No query."""
    return site.sign_up == SignUp.APPROVAL and not (code and site.invited_skip_approval)


@transaction.atomic
def sign_up(
    *,
    username: str,
    email: str,
    password: str | None,
    invitation: str = "",
    answer: str = "",
    language: str = "",
    is_vouched: bool = False,
    is_confirmed: bool = False,
) -> User:
    """Make an account by the door that is open now, and return it.

    It ``is_active`` unless it has an address to confirm first, or waits for approval. A use of the
    invitation is taken in this transaction, so that a sign-up that fails spends nothing. Without a
    password people come by the provider (``accounts.provider``): if that vouches for them they need
    neither invitation nor approval, and no link if it has confirmed their address. Raises
    ``DoorClosed``, and ``ValidationError`` by field for what is taken, reserved, spent or missing.
    The other values have been validated. Four statements in an open site, up to twelve in others.
    """
    site = read()
    if not is_vouched:
        require_open(site, invitation, by_provider=password is None)
    try:
        refuse_reserved(username)
    except ValidationError as error:
        raise ValidationError({"username": error}) from None
    needs_approval = not is_vouched and asks_question(site, invitation)
    if needs_approval and site.question and not answer:
        fault = ValidationError(gettext("This field is required."), code="required")
        raise ValidationError({"answer": fault})
    must_confirm = site.email_check == EmailCheck.REQUIRED and not is_confirmed
    is_in = not must_confirm and not needs_approval
    user = services.register(
        username=username, email=email, password=password, is_active=is_in, language=language
    )
    spent = invitations.spend(invitation) if invitation else None
    if spent or not is_in:
        states = Admission.State
        waiting = states.UNCONFIRMED if must_confirm else states.WAITING
        Admission.objects.create(
            user=user,
            state=states.ADMITTED if is_in else waiting,
            needs_approval=needs_approval,
            question=site.question if needs_approval else "",
            answer=answer if needs_approval else "",
            **_came_by(spent),
        )
    if is_confirmed:
        confirmations.note_confirmed(user=user)
    elif site.email_check != EmailCheck.NONE:
        confirmations.request_link(user=user, email=user.email)
    return user


def _came_by(spent: Invitation | None) -> dict[str, Invitation | int | None]:
    return {"invitation": spent, "inviter_id": spent.inviter_id if spent else None}
