"""Numbers are written as readers of each language do, and for programs as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User, UserStats
from minigram_site.web.languages.numbers import grouped
from photos.models import PhotoStats
from tests.factories import make_photo


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 999, "999"),
        ("en", 1234567, "1,234,567"),
        ("de", 1234, "1.234"),
        ("de", -1234, "-1.234"),
        # The digits that dates have, with the separator of most who read Arabic.
        ("ar", 1234, "1,234"),
        (None, 1000, "1,000"),
    ],
)
def test_thousands_are_grouped_as_the_language_does_it(
    language: str | None, number: int, text: str
) -> None:
    with translation.override(language):
        assert grouped(number) == text


def test_pages_group_numbers_and_programs_get_them_bare(
    api_as: Callable[[User | None], Any], alice: User
) -> None:
    photo = make_photo(alice)
    PhotoStats.objects.filter(photo=photo).update(like_count=12345, comment_count=6789)
    UserStats.objects.filter(user=alice).update(follower_count=4321)
    german = {"Accept-Language": "de"}
    client = Client()
    page = client.get(photo.get_absolute_url(), headers=german).text
    assert "12.345" in page
    assert "6.789</span> Kommentare" in re.sub(r"\s+", " ", page)
    profile = client.get("/@alice/", headers=german).text
    assert "<strong>4.321</strong> Follower" in profile
    assert not re.search(r'="[^"]*(12\.345|6\.789|4\.321)', page + profile)
    answer = api_as(alice).get(f"/api/v1/photos/{photo.pk}/", headers=german).json()
    assert (answer["like_count"], answer["comment_count"]) == (12345, 6789)
