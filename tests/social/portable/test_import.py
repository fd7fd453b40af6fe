"""What somebody brings along: at its time, once, and told to nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils.dateparse import parse_datetime

from accounts.models import User
from photos import hiding, services
from photos.models import Comment, Media, Mention, Photo
from social import feed, publishing
from social.models import FeedEntry
from social.notifications.models import Notification
from social.portable.importing import ArchiveRefused
from tests.factories import make_follow, make_user, picture, published, upload
from tests.photos.image_files import encoded, scene
from tests.social.portable.archives import brought, exported_path, packed, photos_of
from tests.social.publishing.test_service import files_in

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = {"format": "minigram-archive", "version": 1}


def described(**changes: Any) -> dict[str, Any]:
    """Return one photo as ``photos.json`` has it."""
    one = {
        "id": "7",
        "created_at": "2019-05-04T10:00:00.123Z",
        "caption": "Lake",
        "archived": False,
    }
    return {**one, "pictures": [{"file": "originals/7-1.jpg", "alt_text": "A lake"}], **changes}


def archive_of(path: Path, *photos: dict[str, Any], **entries: Any) -> Path:
    """Write an archive of MiniGram with one file."""
    files = {"originals/7-1.jpg": picture(), **entries}
    return packed(path / "a.zip", {"archive.json": HEAD, "photos.json": list(photos), **files})


def told(photo: Photo) -> tuple[Any, ...]:
    """Return all that an import keeps of a photo."""
    pictures = [(one.alt_text, one.turn, list(one.crop), one.width) for one in photo.pictures]
    comments = Comment.objects.filter(photo=photo, author=photo.author).order_by("pk")
    said = [(one.text, one.created_at) for one in comments]
    flags = (photo.archived, photo.comments_off, photo.show_camera)
    return photo.created_at, photo.caption, flags, pictures, said


def test_an_archive_of_another_site_gives_the_same_photos(alice: User, tmp_path: Path) -> None:
    media = publishing.upload(owner=alice, image=upload(encoded(scene(400, 300))))
    publishing.adjust(media, turn=1, crop=[0, 0, 0.5, 1])
    publishing.publish_media(author=alice, media_ids=[media.pk], caption="Cropped #lake")
    files = [upload(), upload(picture(image_format="PNG"))]
    two = published(author=alice, image=files, caption="Two", alt_text="One", show_camera=True)
    services.comment(author=alice, photo_id=two.pk, text="mine")
    services.comment(author=make_user("eve"), photo_id=two.pk, text="hers")
    services.edit_photo(photo=two, comments_off=True)
    hiding.archive_photo(photo=published(author=alice, image=upload(), caption="Alone"))
    path = exported_path(alice)
    zoe = make_user("zoe")
    outcome = brought(zoe, path)
    assert (outcome.imported, outcome.comments, outcome.alone) == (4, 1, 1)
    assert list(map(told, photos_of(zoe))) == list(map(told, photos_of(alice)))
    zoe.stats.refresh_from_db()
    alice.stats.refresh_from_db()
    assert zoe.stats.photo_count == alice.stats.photo_count == 2
    for photo in photos_of(zoe):
        assert all(default_storage.exists(name) for name in photo.file_names)
    again = brought(zoe, path)
    assert (again.imported, again.already, again.comments) == (0, 4, 0)
    assert len(photos_of(zoe)) == 3
    assert not Media.objects.exists()


def test_on_the_site_it_comes_from_nothing_changes(alice: User) -> None:
    published(author=alice, image=upload())
    outcome = brought(alice, exported_path(alice))
    assert (outcome.imported, outcome.already) == (0, 1)


def test_nobody_is_told_and_no_feed_changes(alice: User, bob: User, tmp_path: Path) -> None:
    make_follow(bob, alice)
    Notification.objects.all().delete()
    seen = published(author=alice, image=upload())
    entries = set(FeedEntry.objects.values_list("owner", "photo"))
    photos = [described(caption="with @bob"), described(id="8", created_at="2026-11-29T10:00:00Z")]
    comments = [
        {
            "text": "for @bob",
            "created_at": "2019-05-05T10:00:00Z",
            "photo": {"id": "7", "own": True},
        }
    ]
    brought(alice, archive_of(tmp_path, *photos, **{"comments.json": comments}))
    assert len(photos_of(alice)) == 3
    assert set(FeedEntry.objects.values_list("owner", "photo")) == entries
    assert not Notification.objects.exists()
    assert not Mention.objects.exists()
    for owner in (alice, bob):
        assert [card.id for card in feed.feed_page(owner, None).items] == [seen.pk]
        assert feed.pulled_ids(owner, None, 20) == [seen.pk]
    dora = make_user("dora")
    make_follow(dora, alice)
    feed.rebuild(bob)
    # Put away and brought back it is still not new.
    for photo in photos_of(alice)[:2]:
        hiding.archive_photo(photo=photo)
        hiding.bring_back_photo(photo=photo)
    for owner in (dora, bob, alice):
        assert [card.id for card in feed.feed_page(owner, None).items] == [seen.pk]
        assert list(FeedEntry.objects.filter(owner=owner).values_list("photo", flat=True)) == [
            seen.pk
        ]


def test_time_and_order_are_kept_before_and_after_this_site_began(
    alice: User, tmp_path: Path
) -> None:
    moments = ["1955-06-01T00:00:00Z", "2026-03-01T08:00:00.250Z", "2012-02-29T23:59:59.999Z"]
    photos = [
        described(
            id=str(number), created_at=moment, pictures=[{"file": f"{number}.png"}], caption=moment
        )
        for number, moment in enumerate(moments)
    ]
    files = {f"{number}.png": encoded(scene(40 + number, 30), "PNG") for number in range(3)}
    brought(alice, archive_of(tmp_path, *photos, **files))
    assert [(one.caption, one.created_at) for one in photos_of(alice)] == [
        (moment, parse_datetime(moment)) for moment in sorted(moments)
    ]


def test_of_one_second_the_order_of_the_archive_is_kept(alice: User, tmp_path: Path) -> None:
    photos = [
        described(id=str(number), caption=str(number), pictures=[{"file": f"{number}.png"}])
        for number in range(4)
    ]
    files = {f"{number}.png": encoded(scene(40 + number, 30), "PNG") for number in range(4)}
    brought(alice, archive_of(tmp_path, *photos, **files))
    assert [one.caption for one in photos_of(alice)] == ["0", "1", "2", "3"]


def test_one_picture_published_twice_is_two_photos(alice: User, tmp_path: Path) -> None:
    photos = [described(), described(id="8", created_at="2020-01-01T00:00:00Z", caption="Again")]
    assert brought(alice, archive_of(tmp_path, *photos)).imported == 2


def test_a_preview_changes_nothing_and_says_what_would_be(
    alice: User, tmp_path: Path, own_media_folder: Path
) -> None:
    photos = [described(), described(id="8", created_at="2021-01-01T00:00:00Z", archived=True)]
    outcome = brought(alice, archive_of(tmp_path, *photos), dry=True)
    assert (outcome.source, outcome.imported, outcome.alone) == ("MiniGram", 2, 1)
    assert (outcome.first, outcome.last) == (
        datetime(2019, 5, 4, 10, 0, 0, 123000, tzinfo=UTC),
        datetime(2021, 1, 1, tzinfo=UTC),
    )
    assert photos_of(alice) == []
    assert files_in(own_media_folder) == []


def test_what_cannot_be_taken_is_named_with_the_reason(
    alice: User, tmp_path: Path, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 50_000
    names = ["originals/7-1.jpg", "gone.jpg", "text.jpg", "half.jpg", "empty.jpg", "large.jpg"]
    files = {
        "text.jpg": b"hello",
        "half.jpg": picture()[:900],
        "empty.jpg": b"",
        "large.jpg": picture() + bytes(60_000),
        "film.mp4": b"\0\0\0\x18ftypmp42",
    }
    pictures = [{"file": name} for name in (*names, "film.mp4", None)]
    outcome = brought(alice, archive_of(tmp_path, described(pictures=pictures), **files))
    assert outcome.imported == 1
    refused = {one.name: one.code for one in outcome.refused}
    assert refused == {
        "photos.json": "missing",
        "gone.jpg": "missing",
        "text.jpg": "not_an_image",
        "half.jpg": "image_truncated",
        "empty.jpg": "empty_file",
        "large.jpg": "file_too_large",
        "film.mp4": "video",
    }
    assert all(one.sentence.endswith(".") for one in outcome.refused)
    assert brought(alice, tmp_path / "a.zip").already == 1


def test_more_than_ten_pictures_become_several_photos(alice: User, tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(11)]
    files = {name: encoded(scene(40 + at, 30), "PNG") for at, name in enumerate(names)}
    photo = described(pictures=[{"file": name} for name in names])
    assert brought(alice, archive_of(tmp_path, photo, **files)).imported == 11
    assert [len(one.pictures) for one in photos_of(alice)] == [10, 1]


def test_a_text_that_is_too_long_is_cut_where_one_sees_it(alice: User, tmp_path: Path) -> None:
    brought(alice, archive_of(tmp_path, described(caption="x" * 3000)))
    (photo,) = photos_of(alice)
    assert (len(photo.caption), photo.caption[-1]) == (2200, "…")


def test_a_killed_import_goes_on_where_it_was(
    alice: User, tmp_path: Path, monkeypatch: Any
) -> None:
    photos = [described(), described(id="8", created_at="2020-01-01T00:00:00Z")]
    path = archive_of(tmp_path, *photos)

    def stop(done: int, total: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        brought(alice, path, progress=stop)
    assert len(photos_of(alice)) == 1
    outcome = brought(alice, path)
    assert (outcome.imported, outcome.already) == (1, 1)


@pytest.mark.parametrize(
    "head", [{}, [], {"format": "other"}, {**HEAD, "version": 2}, {**HEAD, "version": "1"}]
)
def test_an_archive_of_another_format_is_refused(alice: User, tmp_path: Path, head: Any) -> None:
    path = packed(tmp_path / "a.zip", {"archive.json": head, "photos.json": []})
    with pytest.raises(ArchiveRefused, match="can’t be imported"):
        brought(alice, path)


@pytest.mark.parametrize("photos", [{}, [1], [{}], [{"pictures": 1}], [described(created_at=5)]])
def test_data_of_another_shape_breaks_nothing(alice: User, tmp_path: Path, photos: Any) -> None:
    path = packed(tmp_path / "a.zip", {"archive.json": HEAD, "photos.json": photos})
    assert brought(alice, path).imported == 0
    assert photos_of(alice) == []


def test_the_owner_of_a_site_imports_for_somebody(
    alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive_of(tmp_path, described(pictures=[{"file": "originals/7-1.jpg"}, {"file": "x"}]))
    call_command("import", "@alice", str(path), "--dry-run")
    assert photos_of(alice) == []
    call_command("import", "alice", str(path))
    written = capsys.readouterr().out
    assert "2 pictures from 2019-05-04 to 2019-05-04; 1 to import" in written
    assert "x: The archive names this file and doesn’t hold it." in written
    assert len(photos_of(alice)) == 1
    with pytest.raises(CommandError, match="no active account called zoe"):
        call_command("import", "zoe", str(path))
    with pytest.raises(CommandError, match="could not be read"):
        call_command("import", "alice", str(tmp_path / "none.zip"))
    (tmp_path / "text").write_text("x")
    with pytest.raises(CommandError, match="neither a ZIP file nor a folder"):
        call_command("import", "alice", str(tmp_path / "text"))
