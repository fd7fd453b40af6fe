"""What people are told of a decision about them: sentences for pages, API and mails."""

from __future__ import annotations

from datetime import UTC

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.moderation.models import Decision, Kind, Verb

_SENTENCES = {
    Verb.WARN: _("This is a warning."),
    Verb.SENSITIVE: _(
        "Your photo has been marked as sensitive: it is blurred until someone taps it."
    ),
    Verb.HIDE: _("Your photo has been hidden: nobody can see it."),
    Verb.REMOVE: _("Your photo was removed."),
    Verb.BAN_PICTURE: _("Your photo was removed, and it can’t be uploaded again."),
    Verb.REMOVE_AVATAR: _("Your profile picture was removed."),
    Verb.LIMIT: _(
        "Your account is limited: your followers still see your photos, but they don’t appear in "
        "explore, and you aren’t suggested to anyone."
    ),
    Verb.SUSPEND: _("Your account is suspended."),
}
_REMOVED = {
    Kind.PHOTO: _("Your photo was removed."),
    Kind.COMMENT: _("Your comment was removed."),
    Kind.PERSON: _("Your account was removed."),
}
_APPEALS = {
    Decision.Appeal.OPEN: _("You have appealed. A moderator will look at it."),
    Decision.Appeal.REJECTED: _("Your appeal was turned down, and the decision stands."),
    Decision.Appeal.ACCEPTED: _("Your appeal was accepted, and the decision was reversed."),
}


def sentence(decision: Decision) -> str:
    """Return what was decided, said to the person; ``decision`` comes with its case. No query."""
    verb = Verb(decision.verb)
    if verb == Verb.SUSPEND and decision.ends_at:
        when = date_format(decision.ends_at.astimezone(UTC), gettext("j F Y, H:i"))
        return gettext("Your account is suspended until %(when)s UTC.") % {"when": when}
    if verb == Verb.REMOVE:
        return str(_REMOVED[Kind(decision.case.kind)])
    return str(_SENTENCES[verb])


def appeal_sentence(decision: Decision) -> str:
    """Return what became of an appeal, or of the decision without one; empty if nothing did."""
    accepted = decision.appeal == Decision.Appeal.ACCEPTED
    if accepted and decision.verb == Verb.REMOVE_AVATAR:
        return gettext(
            "Your appeal was accepted. The picture can’t be restored, but you can upload it again."
        )
    if decision.appeal != Decision.Appeal.NONE:
        return str(_APPEALS[Decision.Appeal(decision.appeal)])
    return "" if decision.stands else gettext("This has been reversed, or has ended.")


def about(decision: Decision) -> str:
    """Return the words that it was about, as they were reported; mostly of a caption or comment."""
    return "" if decision.case.kind == Kind.PERSON else str(decision.case.snapshot.get("text", ""))
