"""Which pages of a feed are stored in Redis."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_photo
from tests.redis_server import RedisServer
from tests.social.lean import FEED, Site, bearer, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_below_the_first_is_stored_when_it_is_asked_for_again(
    cached: RedisServer, alice: User
) -> None:
    photo = make_photo(alice)
    site, header = Site(), {"HTTP_AUTHORIZATION": bearer(alice)}
    site.answer(FEED, **header)
    address = f"{FEED}?cursor=n{photo.pk + 1}"
    stored = []
    for _ in range(3):
        with sent() as queries:
            page = site.ask(address, **header)
        assert (site.asked, page.body.count(b'"caption"')) == (0, 1)
        keys = cached.keys(f"mg:*:feed:ready:*:n{photo.pk + 1}:*")
        stored.append((len(keys), bool(queries)))
    assert stored == [(0, True), (1, True), (1, False)]
    assert page == site.ordinary(address, **header)
