"""Photos from the cache: what is asked of the database, and whose likes are shown."""

from __future__ import annotations

import pytest

from accounts.models import User
from photos.conversation import like_cache
from photos.services import like, unlike
from tests.factories import make_photo
from tests.redis_server import RedisServer
from tests.social.lean import Answer, Site, bearer, sent

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """Somebody who opens photos at one site."""

    def __init__(self, site: Site, user: User) -> None:
        self.site, self.token = site, bearer(user)

    def opens(self, photo_id: int) -> Answer:
        """Open a photo; what is answered is what Django answers."""
        answer = self.site.ask(f"/api/v1/photos/{photo_id}/", HTTP_AUTHORIZATION=self.token)
        assert answer == self.site.ordinary(
            f"/api/v1/photos/{photo_id}/", HTTP_AUTHORIZATION=self.token
        )
        return answer

    def opens_without_sql(self, photo_id: int) -> bool:
        """Tell whether a photo is answered without a statement."""
        with sent() as statements:
            self.site.ask(f"/api/v1/photos/{photo_id}/", HTTP_AUTHORIZATION=self.token)
        return not statements


@pytest.fixture
def site(alice: User) -> Site:
    """Return a site that has learned how photos are answered."""
    site, photo = Site(), make_photo(alice)
    site.answer(f"/api/v1/photos/{photo.pk}/", HTTP_AUTHORIZATION=bearer(alice))
    return site


@pytest.fixture
def readers(cached: RedisServer, site: Site, bob: User, carol: User) -> tuple[Reader, Reader]:
    """Return two people who open photos."""
    return Reader(site, bob), Reader(site, carol)


def test_whoever_opens_a_photo_first_asks_nothing_that_others_have_asked(
    readers: tuple[Reader, Reader], alice: User
) -> None:
    bob, carol = readers
    first, second = make_photo(alice).pk, make_photo(alice).pk
    bob.opens(first)
    carol.opens(second)
    assert bob.opens_without_sql(second)
    assert carol.opens_without_sql(first)
    assert bob.opens(second).body.endswith(b'"liked":false}')


def test_a_like_counts_for_who_likes_and_at_once(
    readers: tuple[Reader, Reader], alice: User, bob: User
) -> None:
    photo, other = make_photo(alice).pk, make_photo(alice).pk
    for reader in readers:
        for opened in (photo, other):
            reader.opens(opened)
    for number, change in enumerate((like, unlike, like)):
        change(user=bob, photo_id=photo)
        shown = [reader.opens(photo).body for reader in readers]
        liked = b"false" if number == 1 else b"true"
        assert shown[0].endswith(b'"liked":%b}' % liked)
        assert shown[1].endswith(b'"liked":false}')
        readers[0].opens(other)


def test_likes_of_photos_that_are_older_than_those_kept_are_right(
    readers: tuple[Reader, Reader], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(like_cache, "MOST_LIKES", 2)
    photos = [make_photo(alice).pk for _ in range(5)]
    for liked in (photos[0], photos[2], photos[4]):
        like(user=bob, photo_id=liked)
    reader = readers[0]
    for _ in range(2):
        ends = [reader.opens(photo).body.rpartition(b":")[2] for photo in photos]
        assert ends == [b"true}", b"false}", b"true}", b"false}", b"true}"]
    assert [reader.opens_without_sql(photo) for photo in photos] == [False] * 2 + [True] * 3


@pytest.mark.parametrize(
    ("likes", "photo", "liked"),
    [
        (like_cache.NONE, 7, False),
        (b"0,7,", 7, True),
        (b"0,17,71,", 7, False),
        (b"5,9,7,5,", 5, True),
        (b"5,9,7,5,", 6, False),
        (b"5,9,7,5,", 4, None),
    ],
)
def test_the_body_of_an_entry_tells_what_is_liked(
    likes: bytes, photo: int, liked: bool | None
) -> None:
    assert like_cache.is_liked(likes, photo) is liked
