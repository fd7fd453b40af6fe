"""The catalogs: complete, with the placeholders of the English texts, and nothing left unmarked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po
from django.conf import settings

from minigram_site.languages import LANGUAGE_CODE, LOCALE_PATHS, NAMES

LANGUAGES = [code for code in NAMES if code != LANGUAGE_CODE]
CATALOGS = [(code, domain) for code in LANGUAGES for domain in ("django", "djangojs")]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|\{\w+(?::\w+)?\}|</?[a-z]+[^>]*>")
TEMPLATES = settings.BASE_DIR / "templates"
# Pages that stay in English: the moderators' and the admin's, and what nginx says by itself.
IN_ENGLISH = {
    "_decide",
    "_earlier",
    "case",
    "dashboard",
}

# Templates whose texts are not marked yet: each leaves this list with its first whole marking.
NOT_YET = {
    "accounts/log_in.html",
    "accounts/sign_up.html",
    "photos/_card.html",
    "photos/_carousel.html",
    "photos/_comment.html",
    "photos/_comment_like.html",
    "photos/_comment_list.html",
    "photos/_comments.html",
    "photos/_grid.html",
    "photos/_like.html",
    "photos/_replies.html",
    "photos/_reply.html",
    "photos/_thread.html",
    "photos/archive.html",
    "photos/delete.html",
    "photos/edit.html",
    "photos/edit_comment.html",
    "photos/likes.html",
    "photos/photo.html",
    "photos/place.html",
    "photos/reply.html",
    "photos/tag.html",
    "photos/thread.html",
    "social/_cards.html",
    "social/_closed.html",
    "social/_counts.html",
    "social/_deleted.html",
    "social/_empty_feed.html",
    "social/_follow_button.html",
    "social/_follow_tag.html",
    "social/_nothing_found.html",
    "social/_person.html",
    "social/_profile_buttons.html",
    "social/_profile_head.html",
    "social/_suggestion.html",
    "social/_suggestions.html",
    "social/_trending.html",
    "social/activity/_row.html",
    "social/activity/_rows.html",
    "social/activity/activity.html",
    "social/activity/settings.html",
    "social/albums/_albums.html",
    "social/albums/_save.html",
    "social/albums/_saved.html",
    "social/albums/album.html",
    "social/albums/arrange.html",
    "social/albums/mine.html",
    "social/albums/of_person.html",
    "social/albums/saved.html",
    "social/albums/shared_album.html",
    "social/albums/shared_photo.html",
    "social/blocked.html",
    "social/deleted.html",
    "social/drafts.html",
    "social/explore.html",
    "social/feed.html",
    "social/followed_tags.html",
    "social/landing.html",
    "social/muted.html",
    "social/people.html",
    "social/profile.html",
    "social/requests.html",
    "social/search.html",
    "social/suggestions.html",
    "social/upload.html",
}


@cache
def catalog(language: str, domain: str) -> Catalog:
    """Return a catalog as translators have it."""
    path = LOCALE_PATHS[0] / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@pytest.mark.parametrize(("language", "domain"), CATALOGS)
def test_every_text_is_translated_in_all_its_forms(language: str, domain: str) -> None:
    forms = catalog(language, domain).num_plurals
    for message in catalog(language, domain):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.id or all(texts), message.id
        assert not message.id or not message.fuzzy, message.id
        assert not message.pluralizable or len(texts) == forms, message.id


@pytest.mark.parametrize(("language", "domain"), CATALOGS)
def test_translations_have_the_placeholders_and_the_markup_of_the_text(
    language: str, domain: str
) -> None:
    for message in catalog(language, domain):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        string = message.string or ""
        texts = [string] if isinstance(string, str) else list(string)
        wanted = sorted(PLACEHOLDER.findall(ids[-1]))
        for text in texts if message.id else ():
            assert sorted(PLACEHOLDER.findall(text)) == wanted, message.id
            # Where the text stands in an attribute, a quotation mark would end it.
            assert '"' not in text or '"' in ids[-1], message.id


def words_left_in(source: str) -> list[str]:
    """Return the words of a template that are neither markup nor marked."""
    source = re.sub(
        r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<!--.*?-->", "", source, flags=re.S
    )
    source = re.sub(
        r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", "", source, flags=re.S
    )
    source = re.sub(r"<(style|svg)\b.*?</\1>", "", source, flags=re.S)
    source = re.sub(r"\{% block width %\}.*?\{% endblock[^%]*%\}", "", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.S)
    shown = re.findall(r"\b(?:aria-label|placeholder|title|alt)=\"([^\"]*)\"", source)
    shown.append(re.sub(r"<[^>]*>", " ", source))
    return [word for text in shown for word in re.findall(r"[^\W\d_]{2,}", text) if word != "UTC"]


def pages() -> list[Path]:
    """Return the templates of pages that people read."""
    found = [path for path in TEMPLATES.rglob("*.html") if "admin" not in path.parts]
    return [path for path in found if path.stem not in IN_ENGLISH]


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_text_of_a_template_is_unmarked(path: Path) -> None:
    left = words_left_in(path.read_text())
    if str(path.relative_to(TEMPLATES)) in NOT_YET:
        assert left, "It is marked: take it from NOT_YET."
    else:
        assert left == []


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_sentence_of_a_template_is_trimmed(path: Path) -> None:
    tags = re.findall(r"\{% blocktrans(?:late)?\b([^%]*)%\}", path.read_text())
    assert [tag for tag in tags if "trimmed" not in tag] == []
