"""Public pictures are linked for servers to send; what is hidden has no link from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import services
from accounts.models import User
from accounts.people import person
from minigram_site.storage import StorageUnavailable, public_links
from photos import hiding
from photos.files import links
from photos.models import Photo
from photos.pictures import served_names
from photos.services import delete_photo
from social import follows, profiles
from tests.factories import published, upload

pytestmark = pytest.mark.django_db


def linked_photo(author: User) -> Photo:
    """Publish a photo and let somebody see it."""
    photo = published(author=author, image=upload())
    links.link_photo(photo)
    return photo


def shown(photo: Photo) -> list[str]:
    """Return the storage names of the files that are sent without asking."""
    return sorted(public_links.names_at("photos", photo.code))


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a linked photo of a public account."""
    return linked_photo(alice)


def test_a_link_shows_every_size_and_never_the_original(photo: Photo) -> None:
    assert shown(photo) == sorted(served_names(photo.pictures))
    assert photo.original not in shown(photo)


def test_nothing_is_linked_of_a_private_account(carol: User) -> None:
    assert shown(linked_photo(carol)) == []


def going_private(alice: User, photo: Photo) -> None:
    """Make the account private."""
    follows.set_privacy(user=alice, private=True)


def suspension(alice: User, photo: Photo) -> None:
    """Suspend the person."""
    services.suspend(user=alice)


def deletion(alice: User, photo: Photo) -> None:
    """Delete the photo."""
    delete_photo(photo=Photo.objects.get(pk=photo.pk))


def end(alice: User, photo: Photo) -> None:
    """Delete the account."""
    profiles.delete_account(user=alice)


def moderation(alice: User, photo: Photo) -> None:
    """Hide the photo."""
    hiding.hide_photo(photo=photo)


def archiving(alice: User, photo: Photo) -> None:
    """Archive the photo."""
    hiding.archive_photo(photo=photo)


HIDING = [going_private, suspension, deletion, end, moderation, archiving]
Hide = Callable[[User, Photo], None]


@pytest.mark.parametrize("hide", HIDING)
def test_what_hides_a_photo_takes_its_links_before_the_commit(
    alice: User, photo: Photo, hide: Hide
) -> None:
    with transaction.atomic():
        hide(alice, photo)
        assert shown(photo) == []


@pytest.mark.parametrize("hide", HIDING)
def test_a_link_that_is_made_late_is_at_no_address(alice: User, photo: Photo, hide: Hide) -> None:
    with public_links.opened("photos", alice.pk, photo.code) as folder:
        names = served_names(photo.pictures)
        hide(alice, photo)
        with suppress(FileNotFoundError):
            folder.link(names)
    assert shown(photo) == []


@pytest.mark.parametrize("hide", HIDING)
def test_nothing_is_linked_after_that(alice: User, photo: Photo, hide: Hide) -> None:
    hide(alice, photo)
    links.link_photo(photo)
    assert shown(photo) == []


def test_a_change_that_is_rolled_back_costs_the_links_and_no_more(
    alice: User, photo: Photo
) -> None:
    with transaction.atomic():
        follows.set_privacy(user=alice, private=True)
        transaction.set_rollback(True)
    assert shown(photo) == []
    links.link_photo(photo)
    assert shown(photo) == sorted(served_names(photo.pictures))


def test_nothing_is_hidden_in_name_only(
    alice: User, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StorageUnavailable):
        follows.set_privacy(user=alice, private=True)
    alice.refresh_from_db()
    assert not alice.is_private


@pytest.mark.parametrize("hide", [suspension, end])
def test_an_avatar_goes_with_its_person(alice: User, photo: Photo, hide: Hide) -> None:
    profiles.change_avatar(user=alice, image=upload())
    links.link_avatar(alice)
    address = str(person(alice).avatar).split("/")
    assert public_links.is_linked(*address[2:])
    hide(alice, photo)
    assert not public_links.is_linked(*address[2:])


def test_an_avatar_that_is_replaced_or_removed_is_at_no_address(alice: User) -> None:
    for change in (lambda user: profiles.remove_avatar(user=user), give_avatar):
        give_avatar(alice)
        links.link_avatar(alice)
        address = str(person(alice).avatar).split("/")
        change(alice)
        assert not public_links.is_linked(*address[2:])


def give_avatar(user: User) -> None:
    """Set an avatar."""
    profiles.change_avatar(user=user, image=upload())


def test_the_avatar_of_a_private_account_stays(alice: User) -> None:
    give_avatar(alice)
    links.link_avatar(alice)
    follows.set_privacy(user=alice, private=True)
    assert public_links.is_linked(*str(person(alice).avatar).split("/")[2:])


def test_a_check_finds_a_link_that_no_row_allows_and_mends_it(alice: User, photo: Photo) -> None:
    call_command("check_media")
    User.objects.filter(pk=alice.pk).update(is_private=True)
    with pytest.raises(CommandError, match="1 files"):
        call_command("check_media")
    call_command("check_media", "--fix")
    assert shown(photo) == []
    User.objects.filter(pk=alice.pk).update(is_private=False)
    links.link_photo(photo)
    assert shown(photo) == sorted(served_names(photo.pictures))


def test_a_check_finds_a_link_to_a_file_that_is_not_to_be_sent(
    photo: Photo, own_media_folder: Path
) -> None:
    folder = own_media_folder / "public/media/photos" / photo.code
    (folder / "x.jpeg").symlink_to(own_media_folder / photo.original)
    call_command("check_media", "--fix")
    assert shown(photo) == []


def test_the_folders_of_what_was_hidden_are_deleted_later(
    alice: User, photo: Photo, own_media_folder: Path
) -> None:
    follows.set_privacy(user=alice, private=True)
    assert len(list((own_media_folder / "public/withdrawn").iterdir())) == 1
    assert public_links.sweep() == 1
    assert list((own_media_folder / "public/withdrawn").iterdir()) == []
    assert all((own_media_folder / name).exists() for name in photo.file_names)


@pytest.fixture
def hidden_but_not_committed(alice: User, photo: Photo) -> Iterator[threading.Event]:
    """Hide the photo in another connection; commit when the event is set."""
    hidden, commit = threading.Event(), threading.Event()

    def hide() -> None:
        with transaction.atomic():
            follows.set_privacy(user=User.objects.get(pk=alice.pk), private=True)
            hidden.set()
            commit.wait(20)
        connection.close()

    thread = threading.Thread(target=hide)
    thread.start()
    assert hidden.wait(20)
    yield commit
    commit.set()
    thread.join()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_nobody_links_what_is_hidden_but_not_committed(
    photo: Photo, hidden_but_not_committed: threading.Event
) -> None:
    links.link_photo(photo)
    assert shown(photo) == []
