"""The archive of everything that is somebody's: what is in it, and how it is made."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from photos import hiding, services
from photos.models import Photo
from social import filters, follows, profiles
from social.albums import contents, editing, saved
from social.portable import export
from social.portable.export import service, writing
from social.portable.models import Export
from tests.factories import make_follow, picture, published, upload
from tests.photos.image_files import encoded, scene
from tests.social.portable.archives import document, exported
from tests.social.publishing.test_service import files_in

# Files are deleted when a transaction has really happened.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(alice: User, bob: User) -> Photo:
    """Return a photo of alice, who has done all that can be done on the site."""
    make_follow(alice, bob)
    make_follow(bob, alice)
    first, second = upload(encoded(scene())), upload(picture(image_format="PNG"))
    photo = published(
        author=alice, image=[first, second], caption="Étang Σ 🦆 #lake", alt_text="A <lake>"
    )
    other = published(author=bob, image=upload(), caption="bob's")
    services.comment(author=alice, photo_id=photo.pk, text="mine on mine")
    services.comment(author=alice, photo_id=other.pk, text="mine on bob's")
    services.comment(author=bob, photo_id=photo.pk, text="bob-wrote-this")
    services.like(user=alice, photo_id=other.pk)
    saved.save(user=alice, photo_id=other.pk)
    filters.set_words(user=alice, words=["ice"])
    album = editing.create_album(owner=alice, title="Album")
    contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
    profiles.change_avatar(user=alice, image=upload())
    return photo


def test_everything_that_is_hers_is_in_it_and_nothing_that_is_not(
    site: Photo, alice: User, settings: Any
) -> None:
    archive = exported(alice)
    head = document(archive, "archive.json")
    assert (head["format"], head["version"], head["username"]) == ("minigram-archive", 1, "alice")
    assert (head["site"], len(head["not_included"])) == (settings.SITE_URL, 6)
    (photo,) = document(archive, "photos.json")
    assert (photo["caption"], photo["archived"]) == ("Étang Σ 🦆 #lake", False)
    alt_texts = [one["alt_text"] for one in photo["pictures"]]
    assert alt_texts == ["A <lake>", ""]
    assert [archive.read(one["file"]) for one in photo["pictures"]] == [
        encoded(scene()),
        picture(image_format="PNG"),
    ]
    texts = {one["text"]: one["photo"]["own"] for one in document(archive, "comments.json")}
    assert texts == {"mine on mine": True, "mine on bob's": False}
    for name in ("likes.json", "saved.json"):
        assert [one["photo"]["author"] for one in document(archive, name)] == ["bob"]
    for name in ("following.json", "followers.json"):
        assert [one["username"] for one in document(archive, name)] == ["bob"]
    (album,) = document(archive, "albums.json")
    assert (album["title"], album["photos"][0]["id"]) == ("Album", str(site.pk))
    said = document(archive, "settings.json")
    assert (said["email"], said["hidden_words"]) == ("alice@example.org", ["ice"])
    assert archive.read(document(archive, "profile.json")["avatar"])[8:12] == b"WEBP"
    assert not [name for name in archive.namelist() if b"bob-wrote-this" in archive.read(name)]


def test_its_page_shows_the_photos_and_escapes_what_was_typed(site: Photo, alice: User) -> None:
    archive = exported(alice)
    page = archive.read("index.html").decode()
    assert "A &lt;lake&gt;" in page
    assert "Étang Σ 🦆 #lake" in page
    for name in (document(archive, "photos.json")[0]["pictures"][0]["file"], "photos.json"):
        assert f'="{name}"' in page
    assert page.rstrip().endswith("</html>")


def test_who_has_blocked_her_meanwhile_is_not_told(site: Photo, alice: User, bob: User) -> None:
    follows.block(blocker=bob, blocked=alice)
    archive = exported(alice)
    (like,) = document(archive, "likes.json")
    assert (like["photo"]["author"], like["photo"]["url"]) == (None, None)
    assert "bob" not in str([document(archive, name) for name in ("following.json", "saved.json")])


def test_archived_photos_are_in_it_and_deleted_ones_are_not(alice: User) -> None:
    kept, archived, gone = (published(author=alice, image=upload()) for _ in range(3))
    hiding.archive_photo(photo=archived)
    hiding.hide_photo(photo=gone)
    photos = document(exported(alice), "photos.json")
    assert [(one["id"], one["archived"]) for one in photos] == [
        (str(kept.pk), False),
        (str(archived.pk), True),
    ]


def test_an_original_that_the_site_has_lost_is_said_to_be_missing(alice: User) -> None:
    lost, kept = (published(author=alice, image=upload()) for _ in range(2))
    default_storage.delete(lost.original)
    photos = document(exported(alice), "photos.json")
    assert [one["pictures"][0]["file"] is None for one in photos] == [True, False]
    assert [one["id"] for one in photos] == [str(lost.pk), str(kept.pk)]


def test_it_is_made_in_steps_each_by_another_process(alice: User, settings: Any) -> None:
    for _ in range(3):
        published(author=alice, image=upload())
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    waiting = export.ask(owner=alice)
    states = []
    while service.advance(waiting.pk, 0):
        waiting.refresh_from_db()
        states.append((waiting.state, waiting.done))
    assert states == [("making", 1), ("making", 2), ("making", 3), ("ready", 3)]
    assert len(document(exported(alice), "photos.json")) == 3


def test_a_killed_worker_costs_one_picture(alice: User, monkeypatch: Any) -> None:
    for _ in range(2):
        published(author=alice, image=upload())
    copied: list[str] = []
    add = writing.add_originals

    def killed(archive: Any, photo: Photo, there: set[str]) -> int:
        if copied:
            raise SystemExit
        copied.append(photo.code)
        return add(archive, photo, there)

    monkeypatch.setattr(writing, "add_originals", killed)
    with pytest.raises(SystemExit):
        export.ask(owner=alice)
    monkeypatch.undo()
    assert not export.work()
    Export.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    copied_again: list[str] = []
    copy = writing._copy

    def counted(archive: Any, stored: str, name: str, moment: Any) -> None:
        copied_again.append(name)
        copy(archive, stored, name, moment)

    monkeypatch.setattr(writing, "_copy", counted)
    assert export.work()
    assert len(copied_again) == 1
    assert len(document(exported(alice), "photos.json")) == 2


def test_a_step_that_never_ends_well_is_given_up(alice: User, monkeypatch: Any) -> None:
    published(author=alice, image=upload())
    monkeypatch.setattr(writing, "_copy", _broken)
    for _ in range(service.MAX_ATTEMPTS):
        found = export.ask(owner=alice)
    assert (found.state, found.reason) == ("failed", "failed")
    assert "tell the people who run" in export.reason_of(found)
    monkeypatch.undo()
    assert export.ask(owner=alice).state == "ready"


def _broken(*_args: Any) -> None:
    raise OSError("The disk does not answer.")


def test_a_full_disk_is_said_at_once(alice: User, monkeypatch: Any) -> None:
    published(author=alice, image=upload())
    monkeypatch.setattr(service, "RESERVE", 2**62)
    found = export.ask(owner=alice)
    assert (found.state, found.reason) == ("failed", "no_room")


def test_a_fresh_one_is_kept_and_an_old_one_replaced(alice: User, monkeypatch: Any) -> None:
    first = export.ask(owner=alice)
    assert export.ask(owner=alice).pk == first.pk
    monkeypatch.setattr(service, "FRESH", timedelta(0))
    second = export.ask(owner=alice)
    assert second.pk != first.pk
    assert Export.objects.count() == 1
    assert not default_storage.exists(first.archive)


def test_its_time_ends_and_the_file_goes(alice: User, own_media_folder: Path) -> None:
    found = export.ask(owner=alice)
    assert len(files_in(own_media_folder)) == 1
    Export.objects.update(ends_at=timezone.now())
    assert export.export_of(alice) is None
    with pytest.raises(export.NotReady):
        service.archive_of(alice)
    assert export.delete_ended() == 1
    assert files_in(own_media_folder) == []
    assert not service._path(found.pk).exists()


def test_a_file_that_no_export_knows_goes_after_a_day(alice: User, monkeypatch: Any) -> None:
    found = export.ask(owner=alice)
    Export.objects.all().delete()
    export.delete_ended()
    assert default_storage.exists(found.archive)
    monkeypatch.setattr(service, "SETTLED", -timedelta(minutes=1))
    export.delete_ended()
    assert not default_storage.exists(found.archive)


def test_it_goes_with_the_account(alice: User, own_media_folder: Path) -> None:
    export.ask(owner=alice)
    profiles.delete_account(user=alice)
    assert files_in(own_media_folder) == []


def test_its_name_in_storage_cannot_be_guessed(alice: User) -> None:
    found = export.ask(owner=alice)
    assert len(Path(found.archive).stem) == 64
    assert "alice" not in found.archive
    assert hashlib.sha256(str(found.pk).encode()).hexdigest() not in found.archive


def test_the_owner_of_a_site_writes_it_into_a_folder(alice: User, tmp_path: Path) -> None:
    published(author=alice, image=upload())
    folder = tmp_path / "new"
    call_command("export", "@alice", str(folder))
    assert [path.name for path in folder.iterdir()] == ["alice.zip"]
    with pytest.raises(CommandError, match="nobody called zoe"):
        call_command("export", "zoe", str(folder))
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="could not be written"):
        call_command("export", "alice", str(tmp_path / "file"))
