"""Notifications in words, for pages, the API and mails: one sentence is one text to translate."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from social.notifications.activity import Activity
from social.notifications.kinds import Kind

Words = str | Promise
_PLACE = re.compile(r"\{(one|two|others)\}")


class Sentences(NamedTuple):
    """What is said where one person did it, where two did, and where others are counted."""

    one: Words
    two: Words
    # By their number: ``% number`` chooses the form.
    many: Words


_SENTENCES = {
    Kind.LIKE: Sentences(
        _("{one} likes your photo"),
        _("{one} and {two} like your photo"),
        ngettext_lazy(
            "{one} and {others} other like your photo",
            "{one} and {others} others like your photo",
        ),
    ),
    Kind.COMMENT: Sentences(
        _("{one} commented on your photo"),
        _("{one} and {two} commented on your photo"),
        ngettext_lazy(
            "{one} and {others} other commented on your photo",
            "{one} and {others} others commented on your photo",
        ),
    ),
    Kind.REPLY: Sentences(
        _("{one} replied to your comment"),
        _("{one} and {two} replied to your comment"),
        ngettext_lazy(
            "{one} and {others} other replied to your comment",
            "{one} and {others} others replied to your comment",
        ),
    ),
    Kind.COMMENT_LIKE: Sentences(
        _("{one} likes your comment"),
        _("{one} and {two} like your comment"),
        ngettext_lazy(
            "{one} and {others} other like your comment",
            "{one} and {others} others like your comment",
        ),
    ),
    Kind.MENTION: Sentences(
        _("{one} mentioned you"),
        _("{one} and {two} mentioned you"),
        ngettext_lazy(
            "{one} and {others} other mentioned you", "{one} and {others} others mentioned you"
        ),
    ),
    Kind.FOLLOW: Sentences(
        _("{one} follows you"),
        _("{one} and {two} follow you"),
        ngettext_lazy(
            "{one} and {others} other follow you", "{one} and {others} others follow you"
        ),
    ),
    Kind.REQUEST: Sentences(
        _("{one} asks to follow you"),
        _("{one} and {two} ask to follow you"),
        ngettext_lazy(
            "{one} and {others} other ask to follow you",
            "{one} and {others} others ask to follow you",
        ),
    ),
    Kind.ACCEPTED: Sentences(
        _("{one} accepted your request"),
        _("{one} and {two} accepted your request"),
        ngettext_lazy(
            "{one} and {others} other accepted your request",
            "{one} and {others} others accepted your request",
        ),
    ),
}
# What one person alone does.
_BY_ONE = {Kind.ALBUM: _("{one} invites you to add photos to an album")}
_BY_THE_SITE = {
    Kind.REPORT: _("The moderators have decided about your report. Thank you."),
    Kind.FAILED: _("One of your photos couldn’t be published."),
    Kind.DECISION: _("The moderators have made a decision about you."),
}


def sentence(shown: Activity) -> str:
    """Return all of it as one line of plain text, in which no name turns its direction around."""
    names = [_isolated(plain(person.name)) for person in shown.people]
    return _filled(shown, names, str(_pattern(shown)))


def sentence_html(shown: Activity) -> SafeString:
    """Return all of it as HTML, with names that lead to the people."""
    names = [
        format_html('<a href="{}"><strong><bdi>{}</bdi></strong></a>', person.url, person.name)
        for person in shown.people
    ]
    pattern = conditional_escape(str(_pattern(shown)))
    return mark_safe(_filled(shown, names, pattern))  # noqa: S308 - each part is escaped


def _isolated(name: str) -> str:
    """Return a name, in an isolate if it or the page's language runs from right to left."""
    letters = {unicodedata.bidirectional(one) for one in name}
    if get_language_bidi() or letters & {"R", "AL"}:
        return f"\u2068{name}\u2069"
    return name


def _pattern(shown: Activity) -> Words:
    if shown.kind in _BY_THE_SITE:
        return _BY_THE_SITE[shown.kind]
    if shown.kind in _BY_ONE:
        return _BY_ONE[shown.kind]
    sentences = _SENTENCES[shown.kind]
    if shown.others:
        # "9+" are more than nine.
        return sentences.many % (shown.others + shown.more)
    return sentences.two if len(shown.people) > 1 else sentences.one


def _filled(shown: Activity, names: Sequence[str], pattern: str) -> str:
    one, two = [*names, "", ""][:2]
    others = f"{shown.others}{'+' if shown.more else ''}"
    said = {"one": one, "two": two, "others": others}
    return _PLACE.sub(lambda place: said[place[1]], pattern)


def plain(text: str) -> str:
    """Return a text on one line without the characters that turn the direction of a line around.

    Overrides, embeddings and isolates go (Unicode 9, "Unicode Bidirectional Algorithm", 2.1 to
    2.4); the letters stay, those of scripts that run from right to left as well.
    """
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    kept = (one for one in text if unicodedata.bidirectional(one) not in turning)
    return " ".join("".join(kept).split())
