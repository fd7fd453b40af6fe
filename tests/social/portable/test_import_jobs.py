"""An archive that a member sends: in parts, looked at first, brought along in steps."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from accounts.doors import site
from accounts.models import SiteSettings, User
from social import feed
from social.albums import deleting
from social.albums.models import Album, AlbumEntry
from social.notifications.models import Notification
from social.portable import jobs
from social.portable.jobs import parts, steps
from social.portable.jobs.refusals import JobRefused, WrongOffset
from social.portable.models import Import, ImportPart, ImportRefusal
from tests.factories import make_follow, picture
from tests.social.portable.archives import packed, photos_of
from tests.social.portable.sending import numbers, send, send_part, several, zipped
from tests.social.portable.test_import import described
from tests.social.publishing.test_service import files_in

pytestmark = pytest.mark.django_db(transaction=True)
JPEG = {"originals/7-1.jpg": picture()}


def test_sent_in_parts_looked_at_and_brought_along(
    alice: User, tmp_path: Path, small_parts: None, own_media_folder: Path
) -> None:
    content = zipped(tmp_path, described(caption="Lake"), **JPEG)
    job = send(alice, content)
    assert ImportPart.objects.count() == -(-len(content) // 1024)
    assert (job.state, job.source, numbers(job)) == ("ready", "MiniGram", (1, 1, 0, 0))
    assert photos_of(alice) == []
    assert jobs.start(owner=alice).state == "done"
    assert numbers(job) == (1, 1, 0, 0)
    assert [(one.caption, one.created_at.year) for one in photos_of(alice)] == [("Lake", 2019)]
    # The archive is gone, and what is left are the photo's files.
    assert not ImportPart.objects.exists()
    assert not [path for path in files_in(own_media_folder) if "imports" in str(path)]
    again = send(alice, content)
    assert jobs.start(owner=alice).state == "done"
    assert numbers(again.owner.archive_import) == (1, 0, 1, 0)
    assert len(photos_of(alice)) == 1


def test_a_part_that_is_lost_or_sent_twice_changes_nothing(
    alice: User, tmp_path: Path, small_parts: None, own_media_folder: Path
) -> None:
    content = zipped(tmp_path, **JPEG)
    job = jobs.begin(owner=alice, name="mine.zip", size=len(content))
    job = send_part(job, content)
    with pytest.raises(WrongOffset) as error:
        jobs.receive(owner=alice, offset=0, content=BytesIO(content[:1024]), length=1024)
    assert error.value.received == 1024
    with pytest.raises(WrongOffset):
        jobs.receive(owner=alice, offset=2048, content=BytesIO(content[:1024]), length=1024)
    with pytest.raises(JobRefused) as short:
        jobs.receive(owner=alice, offset=1024, content=BytesIO(b"x"), length=1)
    assert short.value.code == "wrong_part"
    assert len(files_in(own_media_folder)) == ImportPart.objects.count() == 1
    # Another tab, or the same after the night, goes on where it was.
    same = jobs.begin(owner=alice, name="mine.zip", size=len(content))
    assert (same.pk, same.received) == (job.pk, 1024)
    assert send(alice, content).state == "ready"


def test_of_two_that_send_one_part_one_counts(
    alice: User, tmp_path: Path, small_parts: None, own_media_folder: Path, monkeypatch: Any
) -> None:
    content = zipped(tmp_path, **JPEG)
    job = jobs.begin(owner=alice, name="mine.zip", size=len(content))
    save = parts.save

    def overtaken(part: Any) -> str:
        monkeypatch.setattr(parts, "save", save)
        send_part(job, content)
        return save(part)

    monkeypatch.setattr(parts, "save", overtaken)
    with pytest.raises(WrongOffset) as error:
        send_part(job, content)
    assert error.value.received == 1024
    assert len(files_in(own_media_folder)) == ImportPart.objects.count() == 1


def test_another_file_takes_the_place_of_one_on_its_way(
    alice: User, tmp_path: Path, small_parts: None, own_media_folder: Path
) -> None:
    content = zipped(tmp_path, **JPEG)
    first = send_part(jobs.begin(owner=alice, name="a.zip", size=len(content)), content)
    second = jobs.begin(owner=alice, name="b.zip", size=len(content))
    assert (second.received, second.pk != first.pk) == (0, True)
    assert files_in(own_media_folder) == []


def test_one_import_at_a_time(alice: User, tmp_path: Path, by_worker: None) -> None:
    content = zipped(tmp_path, **JPEG)
    assert send(alice, content).state == "reading"
    with pytest.raises(JobRefused) as error:
        jobs.begin(owner=alice, name="b.zip", size=10)
    assert error.value.code == "import_running"


@pytest.mark.parametrize(
    ("size", "code"), [(0, "archive_empty"), (11 * 1024**3, "archive_too_large")]
)
def test_an_archive_of_no_or_too_many_bytes(alice: User, size: int, code: str) -> None:
    with pytest.raises(JobRefused) as error:
        jobs.begin(owner=alice, name="a.zip", size=size)
    assert error.value.code == code
    assert not Import.objects.exists()


def test_the_owner_of_the_site_says_how_large_and_whether_at_all(alice: User) -> None:
    site.change(SiteSettings(import_gigabytes=12))
    assert jobs.begin(owner=alice, name="a.zip", size=11 * 1024**3).state == "receiving"
    site.change(SiteSettings(import_gigabytes=0))
    with pytest.raises(JobRefused) as error:
        jobs.begin(owner=alice, name="b.zip", size=10)
    assert error.value.code == "imports_closed"


def test_a_disk_that_would_be_full_is_said_before_anything_is_sent(
    alice: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(parts, "RESERVE", 2**62)
    with pytest.raises(JobRefused) as error:
        jobs.begin(owner=alice, name="a.zip", size=10)
    assert error.value.code == "no_room"
    monkeypatch.undo()
    job = jobs.begin(owner=alice, name="a.zip", size=10)
    monkeypatch.setattr(parts, "RESERVE", 2**62)
    with pytest.raises(JobRefused) as later:
        send_part(job, b"0123456789")
    assert later.value.code == "no_room"


def test_what_is_no_archive_is_told_and_deleted(alice: User, own_media_folder: Path) -> None:
    job = send(alice, b"This is text, and no ZIP file.")
    assert (job.state, jobs.reason_of(job)) == ("failed", "This isn’t a ZIP file.")
    assert files_in(own_media_folder) == []


def test_what_cannot_be_taken_is_listed_before_and_after(alice: User, tmp_path: Path) -> None:
    pictures = [{"file": name} for name in ("originals/7-1.jpg", "gone\0.jpg", "a.mp4", "half.jpg")]
    files = {**JPEG, "a.mp4": b"\0\0\0\x18ftypmp42", "half.jpg": picture()[:900]}
    job = send(alice, zipped(tmp_path, described(pictures=pictures), **files))
    # That the picture is cut off shows when it is opened.
    assert numbers(job) == (4, 2, 0, 2)
    page = jobs.refusals_page(job, None, 10)
    assert [(one.name, one.code) for one in page.items] == [
        ("gone.jpg", "missing"),
        ("a.mp4", "video"),
    ]
    jobs.start(owner=alice)
    assert numbers(job) == (4, 1, 0, 3)
    last = jobs.refusals_page(job, None, 10).items[-1]
    assert (last.name, last.code) == ("half.jpg", "image_truncated")
    assert jobs.sentence_of(last).startswith("The end of this picture is missing")


def test_the_list_of_refused_files_is_paged_and_ends(
    alice: User, tmp_path: Path, monkeypatch: Any, django_assert_num_queries: Callable[[int], Any]
) -> None:
    monkeypatch.setattr(steps, "LISTED", 5)
    gone = [{"file": f"{number}.jpg"} for number in range(8)]
    job = send(alice, zipped(tmp_path, described(pictures=gone)))
    assert (job.refused, ImportRefusal.objects.count()) == (8, 5)
    with django_assert_num_queries(1):
        first = jobs.refusals_page(job, None, 3)
    second = jobs.refusals_page(job, first.next, 3)
    assert [one.name for one in (*first.items, *second.items)] == [
        f"{number}.jpg" for number in range(5)
    ]
    assert second.next is None
    assert jobs.refusals_page(job, second.previous, 3).items == first.items


def test_who_sees_the_photos_is_chosen_and_never_more_than_before(
    alice: User, tmp_path: Path
) -> None:
    photos = [described(), described(id="8", created_at="2021-01-01T00:00:00Z", archived=True)]
    content = zipped(tmp_path, *photos, **JPEG)
    job = send(alice, content)
    assert job.alone == 1
    jobs.start(owner=alice, audience=Import.Audience.SHOWN)
    assert [one.archived for one in photos_of(alice)] == [False, True]


@pytest.mark.parametrize(
    ("audience", "archived"), [("kept", True), ("shown", False), ("alone", True)]
)
def test_what_the_archive_says_nothing_of_is_for_its_author_unless_they_show_it(
    alice: User, tmp_path: Path, audience: str, archived: bool
) -> None:
    side = {"photoTakenTime": {"timestamp": "1556964000"}}
    entries = {"Takeout/a.jpg": picture(), "Takeout/a.jpg.json": side}
    send(alice, packed(tmp_path / "g.zip", entries).read_bytes())
    jobs.start(owner=alice, audience=audience)
    assert [one.archived for one in photos_of(alice)] == [archived]


def test_only_me_hides_what_everybody_saw(alice: User, tmp_path: Path) -> None:
    send(alice, zipped(tmp_path, **JPEG))
    jobs.start(owner=alice, audience=Import.Audience.ALONE)
    assert [one.archived for one in photos_of(alice)] == [True]


def test_all_of_them_are_in_a_new_album_also_those_that_were_here(
    alice: User, tmp_path: Path
) -> None:
    photos, files = several(2)
    content = zipped(tmp_path, *photos, **files)
    send(alice, zipped(tmp_path, photos[0], **files))
    jobs.start(owner=alice)
    send(alice, content)
    jobs.start(owner=alice, album_title="Before")
    album = Album.objects.get(owner=alice, title="Before")
    assert set(AlbumEntry.objects.filter(album=album).values_list("photo", flat=True)) == {
        one.pk for one in photos_of(alice)
    }


def test_an_album_that_is_deleted_meanwhile_stops_nothing(
    alice: User, tmp_path: Path, by_worker: None, monkeypatch: Any
) -> None:
    photos, files = several(2)
    send(alice, zipped(tmp_path, *photos, **files))
    jobs.work()
    job = jobs.start(owner=alice, album_title="Before")
    monkeypatch.setattr(steps, "STEP_SECONDS", 0)
    monkeypatch.setattr(steps, "OPENING", 0)
    assert jobs.work()
    deleting.move_to_bin(owner=alice, album_id=job.album_id or 0)
    while jobs.work():
        pass
    assert numbers(job) == (2, 2, 0, 0)


def test_followers_and_feeds_hear_nothing(alice: User, bob: User, tmp_path: Path) -> None:
    make_follow(bob, alice)
    Notification.objects.all().delete()
    send(alice, zipped(tmp_path, described(caption="for @bob"), **JPEG))
    jobs.start(owner=alice)
    assert len(photos_of(alice)) == 1
    assert not Notification.objects.exists()
    assert feed.feed_page(bob, None).items == []


def test_nothing_is_started_before_it_was_looked_at(
    alice: User, tmp_path: Path, by_worker: None
) -> None:
    with pytest.raises(JobRefused):
        jobs.start(owner=alice)
    send(alice, zipped(tmp_path, **JPEG))
    with pytest.raises(JobRefused) as error:
        jobs.start(owner=alice)
    assert error.value.code == "not_ready"


def test_a_part_costs_three_statements_and_the_two_of_a_transaction(
    alice: User, tmp_path: Path, small_parts: None, django_assert_num_queries: Callable[[int], Any]
) -> None:
    content = zipped(tmp_path, **JPEG)
    job = jobs.begin(owner=alice, name="a.zip", size=len(content))
    with django_assert_num_queries(5):
        send_part(job, content)
