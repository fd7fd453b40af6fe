"""The catalogs: complete, with the placeholders of the English texts, and nothing left unmarked."""

from __future__ import annotations

import re
from collections import Counter
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
# Plural forms that are used for one number alone: 0, 1 and 2.
OF_ONE_NUMBER = {"ar": (0, 1, 2)}
# "@" is of no direction: without an isolate around it, it goes to the wrong side of a name.
LOOSE_NAME = re.compile(r"(?<!\u2068)(?<!<bdi>)@(?:%\(\w+\)s|%s|\{\w+\})")


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
        wanted = Counter(PLACEHOLDER.findall(ids[-1]))
        for form, text in enumerate(texts) if message.id else ():
            found = Counter(PLACEHOLDER.findall(text))
            assert not found - wanted, message.id
            # "Two photos" is a word of its own in Arabic, and says its number by itself.
            said = message.pluralizable and form in OF_ONE_NUMBER.get(language, ())
            assert (wanted - found).total() <= said, message.id
            # Where the text stands in an attribute, a quotation mark would end it.
            assert '"' not in text or '"' in ids[-1], message.id


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_names_in_sentences_from_right_to_left_are_isolated(domain: str) -> None:
    for message in catalog("ar", domain):
        string = message.string or ""
        for text in ([string] if isinstance(string, str) else string) if message.id else ():
            assert not LOOSE_NAME.search(text), message.id
            assert text.count("\u2068") == text.count("\u2069"), message.id


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
    assert words_left_in(path.read_text()) == []


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_sentence_of_a_template_is_trimmed(path: Path) -> None:
    tags = re.findall(r"\{% blocktrans(?:late)?\b([^%]*)%\}", path.read_text())
    assert [tag for tag in tags if "trimmed" not in tag] == []
