"""Notifications in words: for pages, the API and mails."""

from __future__ import annotations

import unicodedata

from social.notifications.activity import Activity
from social.notifications.kinds import Kind

# What one person does, and what several do.
_PHRASES = {
    Kind.LIKE: ("likes your photo", "like your photo"),
    Kind.COMMENT: ("commented on your photo", "commented on your photo"),
    Kind.REPLY: ("replied to your comment", "replied to your comment"),
    Kind.COMMENT_LIKE: ("likes your comment", "like your comment"),
    Kind.MENTION: ("mentioned you", "mentioned you"),
    Kind.FOLLOW: ("follows you", "follow you"),
    Kind.REQUEST: ("asks to follow you", "ask to follow you"),
    Kind.ACCEPTED: ("accepted your request", "accepted your request"),
}
_BY_THE_SITE = {
    Kind.REPORT: "The moderators have decided about what you reported. Thank you.",
    Kind.FAILED: "A photo of yours could not be published.",
    Kind.DECISION: "The moderators have decided about something of yours.",
}


def phrase(shown: Activity) -> str:
    """Return what was done, to be put behind the names, or all of what the site says."""
    if shown.kind in _BY_THE_SITE:
        return _BY_THE_SITE[shown.kind]
    return _PHRASES[shown.kind][len(shown.people) + shown.others > 1]


def others(shown: Activity) -> str:
    """Return how many further people did it ("41 others"); empty for none."""
    if not shown.others:
        return ""
    number = f"{shown.others}{'+' if shown.more else ''}"
    return f"{number} other{'s' if shown.others > 1 or shown.more else ''}"


def sentence(shown: Activity) -> str:
    """Return all of it as one line of plain text, in which no name turns its direction around."""
    names = [plain(person.name) for person in shown.people]
    if further := others(shown):
        names.append(further)
    return " ".join(part for part in (" and ".join(names), phrase(shown)) if part)


def plain(text: str) -> str:
    """Return a text on one line without the characters that turn the direction of a line around.

    Overrides, embeddings and isolates go (Unicode 9, "Unicode Bidirectional Algorithm", 2.1 to
    2.4); the letters stay, those of scripts that run from right to left as well.
    """
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    kept = (one for one in text if unicodedata.bidirectional(one) not in turning)
    return " ".join("".join(kept).split())
