"""Notifications in words: for pages, the API and mails."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from social.notifications.activity import Activity
from social.notifications.kinds import Kind


def _said(kind: Kind, count: int) -> str:
    """Return what ``count`` people did."""
    if kind == Kind.LIKE:
        return ngettext("likes your photo", "like your photo", count)
    if kind == Kind.COMMENT_LIKE:
        return ngettext("likes your comment", "like your comment", count)
    if kind == Kind.FOLLOW:
        return ngettext("follows you", "follow you", count)
    if kind == Kind.REQUEST:
        return ngettext("asks to follow you", "ask to follow you", count)
    return str(_ALIKE[kind])


# What is said alike of one and of several.
_ALIKE = {
    Kind.COMMENT: _("commented on your photo"),
    Kind.REPLY: _("replied to your comment"),
    Kind.MENTION: _("mentioned you"),
    Kind.ACCEPTED: _("accepted your request"),
}
_BY_THE_SITE = {
    Kind.REPORT: _("The moderators have decided about your report. Thank you."),
    Kind.FAILED: _("One of your photos could not be published."),
}


def phrase(shown: Activity) -> str:
    """Return what was done, to be put behind the names, or all of what the site says."""
    if shown.kind in _BY_THE_SITE:
        return str(_BY_THE_SITE[shown.kind])
    return _said(shown.kind, len(shown.people) + shown.others)


def others(shown: Activity) -> str:
    """Return how many further people did it ("41 others"); empty for none."""
    if not shown.others:
        return ""
    number = f"{shown.others}{'+' if shown.more else ''}"
    count = shown.others + 1 if shown.more else shown.others
    return ngettext("%(number)s other", "%(number)s others", count) % {"number": number}


def sentence(shown: Activity) -> str:
    """Return all of it as one line of plain text, in which no name turns its direction around."""
    names = [plain(person.name) for person in shown.people]
    if further := others(shown):
        names.append(further)
    people = names[0] if names else ""
    for name in names[1:]:
        people = gettext("%(first)s and %(next)s") % {"first": people, "next": name}
    return " ".join(part for part in (people, phrase(shown)) if part)


def plain(text: str) -> str:
    """Return a text on one line without the characters that turn the direction of a line around.

    Overrides, embeddings and isolates go (Unicode 9, "Unicode Bidirectional Algorithm", 2.1 to
    2.4); the letters stay, those of scripts that run from right to left as well.
    """
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    kept = (one for one in text if unicodedata.bidirectional(one) not in turning)
    return " ".join("".join(kept).split())
