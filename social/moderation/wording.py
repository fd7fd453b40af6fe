"""What people are told of a decision about them: sentences for pages, API and mails."""

from __future__ import annotations

from datetime import UTC

from social.moderation.models import Decision, Kind, Verb

_SENTENCES = {
    Verb.WARN: "This is a warning.",
    Verb.SENSITIVE: "Your photo is marked as sensitive: it is blurred until somebody taps on it.",
    Verb.HIDE: "Your photo is hidden: nobody can see it.",
    Verb.REMOVE: "Your {kind} was removed.",
    Verb.BAN_PICTURE: "Your photo was removed, and its pictures cannot be uploaded again.",
    Verb.REMOVE_AVATAR: "Your profile picture was removed.",
    Verb.LIMIT: "Your account is limited: your followers see your photos as before, but they are "
    "not in explore, and you are suggested to nobody.",
    Verb.SUSPEND: "Your account is suspended{until}.",
}
_APPEALS = {
    Decision.Appeal.OPEN: "You have appealed. A moderator will look at it.",
    Decision.Appeal.REJECTED: "Your appeal was rejected: the decision stands.",
    Decision.Appeal.ACCEPTED: "Your appeal was accepted: the decision was taken back.",
}


def sentence(decision: Decision) -> str:
    """Return what was decided, said to the person; ``decision`` comes with its case. No query."""
    until = ""
    if decision.ends_at:
        until = f" until {decision.ends_at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
    return _SENTENCES[Verb(decision.verb)].format(kind=Kind(decision.case.kind).value, until=until)


def appeal_sentence(decision: Decision) -> str:
    """Return what became of an appeal, or of the decision without one; empty if nothing did."""
    if decision.appeal != Decision.Appeal.NONE:
        return _APPEALS[Decision.Appeal(decision.appeal)]
    return "" if decision.stands else "This was taken back, or has ended."


def about(decision: Decision) -> str:
    """Return the words that it was about, as they were reported; mostly of a caption or comment."""
    return "" if decision.case.kind == Kind.PERSON else str(decision.case.snapshot.get("text", ""))
