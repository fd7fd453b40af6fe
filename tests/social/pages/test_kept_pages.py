"""Pages from what a process keeps are, byte for byte, pages that are made anew for their viewer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import services
from accounts.models import User
from minigram_site.web.templating.fragments import rendered_fragments
from photos import card_pages
from photos.card_pages.by_author import author_page
from photos.card_pages.kept import kept_cards
from photos.cards import cards_of
from photos.services import like
from social import follows
from tests.factories import make_follow, make_photo, make_user
from tests.social.feed.deeds import DEEDS, PEOPLE, act
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no row versions."
)
TOKEN = re.compile(r"[A-Za-z0-9]{64}")


@pytest.fixture(autouse=True)
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with nothing kept; read pages in a test's transaction as outside of one."""
    forget()
    postgresql = connection.vendor == "postgresql"
    monkeypatch.setattr(card_pages, "is_available", lambda: postgresql)


def forget() -> None:
    rendered_fragments.clear()
    kept_cards.clear()


class Reader:
    """Somebody who reads pages; a visitor without an account."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user:
            self.client.force_login(user)

    def page(self, address: str) -> tuple[int, str]:
        """Return status and text of a page, without the tokens, which are new at each request."""
        response = self.client.get(address)
        return response.status_code, TOKEN.sub("", response.text)

    def pages(self, people: list[User]) -> list[tuple[int, str]]:
        shown = ["/feed/", "/explore/", "/explore/?sort=popular"]
        shown += [person.get_absolute_url() for person in people[:2]]
        return [self.page(address) for address in shown]


@pytest.mark.slow
@hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS, suspended=st.booleans())
def test_whatever_people_do_pages_are_as_if_nothing_were_kept(
    db: Any, deeds: list[tuple[str, int, int]], suspended: bool
) -> None:
    forget()
    people = [make_user() for _ in range(PEOPLE)]
    readers = [Reader(), *map(Reader, people[:2])]
    for number, (deed, one, other) in enumerate(deeds):
        # Of its own, as each request has it: a row version is the number of a transaction.
        with transaction.atomic():
            act(deed, people[one], people[other], number)
        for reader in readers:
            reader.pages(people)
    if suspended:
        with transaction.atomic():
            services.suspend(user=people[0])
    kept = [reader.pages(people) for reader in readers]
    forget()
    assert [reader.pages(people) for reader in readers] == kept


HIDE: dict[str, Callable[[User, User], Any]] = {
    "going private": lambda author, viewer: follows.set_privacy(user=author, private=True),
    "a suspension": lambda author, viewer: services.suspend(user=author),
    "a block": lambda author, viewer: follows.block(blocker=author, blocked=viewer),
    "a deletion": lambda author, viewer: author.photos.get().delete(),
}


@pytest.mark.parametrize("reason", HIDE)
def test_what_is_hidden_leaves_pages_at_once(alice: User, bob: User, reason: str) -> None:
    photo = make_photo(alice, caption="Not for all")
    visitor, viewer = Reader(), Reader(bob)
    addresses = ("/explore/", "/explore/?sort=popular", alice.get_absolute_url())
    for reader in (visitor, viewer):
        assert all(photo.get_absolute_url() in reader.page(address)[1] for address in addresses)
    with transaction.atomic():
        HIDE[reason](alice, bob)
    blocked = reason == "a block"
    for reader, is_shown in ((visitor, blocked), (viewer, False)):
        found = [photo.get_absolute_url() in reader.page(address)[1] for address in addresses]
        assert found == [is_shown] * 3


def test_private_photos_come_from_nobody_elses_page(alice: User, bob: User, carol: User) -> None:
    photo = make_photo(alice, caption="For my followers")
    make_follow(bob, alice)
    with transaction.atomic():
        follows.set_privacy(user=alice, private=True)
    assert photo.get_absolute_url() in Reader(bob).page(alice.get_absolute_url())[1]
    for reader in (Reader(carol), Reader()):
        for _, text in reader.pages([alice]):
            assert photo.get_absolute_url() not in text


def test_hearts_and_forms_are_the_viewers_own(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=alice, photo_id=photo.pk)
    make_follow(bob, alice)
    hearts = ['aria-pressed="true"' in Reader(user).page("/feed/")[1] for user in (alice, bob)]
    assert hearts == [True, False]
    heads = [Reader(user).page(alice.get_absolute_url())[1] for user in (alice, bob)]
    assert ["unfollow" in head for head in heads] == [False, True]
    assert ["Archive" in head for head in heads] == [True, False]
    navigations = [
        f'href="/@{user.username}/" aria-current' in head
        for user, head in zip((alice, bob), heads, strict=True)
    ]
    assert navigations == [True, False]


@on_postgresql
def test_a_card_that_was_changed_is_read_once_more(alice: User) -> None:
    photo = make_photo(alice, caption="Before")
    reader = Reader()
    assert "Before" not in reader.page("/explore/")[1]
    assert len(kept_cards) == 1
    with transaction.atomic():
        photo.alt_text = "What it shows now"
        photo.save()
    assert "What it shows now" in reader.page("/explore/")[1]
    with transaction.atomic():
        User.objects.filter(pk=alice.pk).update(display_name="Another Name")
        photo.alt_text = ""
        photo.save()
    assert "Photo by Another Name" in reader.page("/explore/")[1]


@on_postgresql
def test_photos_of_an_author_of_whom_nothing_is_kept_are_one_statement(
    alice: User, bob: User
) -> None:
    make_photo(alice)

    def statements(viewer: User) -> int:
        with sent() as found:
            page = author_page(alice, viewer, None)
        assert page.items == cards_of([card.id for card in page.items], viewer)
        return len(found)

    for viewer in (alice, bob):
        forget()
        assert [statements(viewer) for _ in range(2)] == [1, 1]
    with transaction.atomic():
        make_photo(alice)
    # Cards of hers are kept, but for this one.
    assert [statements(bob) for _ in range(2)] == [2, 1]


@on_postgresql
def test_only_so_many_bytes_of_cards_are_kept(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_cards, "max_bytes", 5000)
    photos = [make_photo(alice) for _ in range(6)]
    text = Reader().page("/explore/")[1]
    assert all(photo.get_absolute_url() in text for photo in photos)
    assert 0 < kept_cards.bytes <= 5000
