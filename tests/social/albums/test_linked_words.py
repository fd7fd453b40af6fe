"""What captions and the texts of albums name, behind a share link."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.people import read_words
from minigram_site.fields.snowflake import encode
from social import follows
from social.albums.models import Album
from tests.factories import make_photo
from tests.social.albums.linked import album_link
from tests.social.albums.test_links import shared_photos

pytestmark = pytest.mark.django_db
WORDS = "See www.example.org with @bob #sea"


@pytest.mark.parametrize(
    ("private", "kinds"), [(False, ["link", "mention", "tag"]), (True, ["link"])]
)
def test_what_texts_name_can_be_followed_but_for_the_names_and_tags_of_a_private_account(
    client: Client, alice: User, bob: User, *, private: bool, kinds: list[str]
) -> None:
    follows.set_privacy(user=alice, private=private)
    photo = make_photo(alice, WORDS)
    token = album_link(alice, photo)
    entities = read_words(WORDS, alice).entities
    Album.objects.filter(owner=alice).update(text=WORDS, text_entities=entities)
    (body,) = shared_photos(token)
    head = APIClient().get(f"/api/v1/shared/{token}/").json()
    for told in (body["caption_entities"], head["text_entities"]):
        assert [one["type"] for one in told] == kinds
    for page in ("", f"{photo.code}/"):
        text = client.get(f"/s/{token}/{page}").text
        assert '<a href="https://www.example.org" rel="nofollow noopener ugc">' in text
        assert ('href="/tags/sea/">#sea</a>' in text) is not private
        assert (f'href="/people/{encode(bob.pk)}/">@bob</a>' in text) is not private
        assert "@bob" in text


def test_a_public_photo_of_somebody_else_names_all_behind_the_link_of_a_private_account(
    carol: User, bob: User
) -> None:
    (body,) = shared_photos(album_link(carol, make_photo(bob, WORDS)))
    assert [one["type"] for one in body["caption_entities"]] == ["link", "mention", "tag"]
