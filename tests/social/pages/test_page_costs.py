"""What a page costs, counted: statements to the database, and calls of functions."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from minigram_site.web.templating.fragments import rendered_fragments
from photos.card_pages.kept import kept_cards
from tests.factories import make_follow, make_photo
from tests.social.lean import sent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pages(alice: User, bob: User) -> Callable[[str, User | None], Client]:
    """Return a function that opens a page twice, so that all of it is known."""
    rendered_fragments.clear()
    kept_cards.clear()
    make_follow(bob, alice)
    for number in range(24):
        make_photo(alice, f"No. {number}")

    def opened(address: str, user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        for _ in range(2):
            assert client.get(address).status_code == 200
        return client

    return opened


# Address, as a member: statements on PostgreSQL and on SQLite. A member's session and account are
# one on PostgreSQL; the badge is one; a page's ids and cards are one, pinned photos included; a
# profile is one more.
STATEMENTS = [
    ("/feed/", True, 3, 6),
    # The trending tags were read when it was opened first.
    ("/explore/", True, 3, 5),
    ("/explore/", False, 1, 2),
    ("/explore/?sort=popular", False, 1, 2),
    ("/@alice/", True, 4, 7),
    ("/@alice/", False, 2, 4),
]


@pytest.mark.parametrize(("address", "member", "postgresql", "sqlite"), STATEMENTS)
def test_a_page_takes_so_many_statements(
    pages: Callable[[str, User | None], Client],
    bob: User,
    address: str,
    member: bool,
    postgresql: int,
    sqlite: int,
) -> None:
    client = pages(address, bob if member else None)
    with sent() as statements:
        client.get(address)
    assert len(statements) == (postgresql if connection.vendor == "postgresql" else sqlite)


def calls(client: Client, address: str) -> int:
    """Return how many functions a page calls, however busy the machine is."""
    profile = cProfile.Profile()
    profile.enable()
    client.get(address)
    profile.disable()
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_a_further_photo_costs_a_page_little(
    pages: Callable[[str, User | None], Client], alice: User, bob: User
) -> None:
    """A card that was rendered before costs less than a tenth of rendering it."""
    client = pages("/feed/", bob)
    kept = calls(client, "/feed/")
    rendered_fragments.clear()
    assert kept < calls(client, "/feed/") / 4
