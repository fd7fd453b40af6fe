"""Archives of other sites, made as these make them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags

from accounts.models import User
from social.portable.importing import open_archives, recognised
from social.portable.sources.folder import iptc_caption, xmp_caption
from social.portable.sources.google import side_files
from social.portable.sources.instagram import readable
from tests.photos.image_files import camera_exif, encoded, scene
from tests.social.portable.archives import brought, packed, photos_of

pytestmark = pytest.mark.django_db(transaction=True)


def shot(number: int, **options: Any) -> bytes:
    """Return a picture that is unlike those of other numbers."""
    return encoded(scene(40 + number, 30), **options)


def as_instagram_writes(text: str) -> str:
    """Return the bytes of a text as characters."""
    return text.encode().decode("latin-1")


LAYOUTS = {
    "content/posts_1.json": ("", "content/archived_posts.json"),
    "your_instagram_activity/content/posts_1.json": (
        "",
        "your_instagram_activity/content/archived_posts.json",
    ),
    "your_instagram_activity/media/posts_1.json": (
        "",
        "your_instagram_activity/media/archived_posts.json",
    ),
    "instagram-alice-2026/your_instagram_activity/media/posts_1.json": (
        "instagram-alice-2026/",
        "instagram-alice-2026/your_instagram_activity/media/archived_posts.json",
    ),
}


@pytest.mark.parametrize("posts", LAYOUTS)
def test_instagram_since_2021(alice: User, tmp_path: Path, posts: str) -> None:
    top, archived = LAYOUTS[posts]

    def media(number: int, **said: Any) -> dict[str, Any]:
        uri = f"media/posts/202105/{number}.jpg"
        return {"uri": uri, "creation_timestamp": 1620000000 + number, "title": "", **said}

    entries = {
        posts: [
            {
                "media": [media(2), media(3), media(9, uri="media/posts/9.mp4")],
                "title": as_instagram_writes("Σ Привет 🦆"),
                "creation_timestamp": 1620000500,
            },
            {"media": [media(1, title=as_instagram_writes("Étang"))]},
            {"media": [media(5)], "title": "plain"},
        ],
        archived: {"ig_archived_post_media": [{"media": [media(4, title="")]}]},
        **{f"{top}media/posts/202105/{number}.jpg": shot(number) for number in range(1, 6)},
        f"{top}media/posts/9.mp4": b"\0\0\0\x18ftypmp42",
        f"{top}media/stories/1.jpg": shot(7),
    }
    outcome = brought(alice, packed(tmp_path / "i.zip", entries))
    assert (outcome.source, outcome.imported, outcome.alone) == ("Instagram", 5, 1)
    assert [(one.name[-5:], one.code) for one in outcome.refused] == [("9.mp4", "video")]
    assert [(one.caption, len(one.pictures), one.archived) for one in photos_of(alice)] == [
        ("Étang", 1, False),
        ("", 1, True),
        ("plain", 1, False),
        ("Σ Привет 🦆", 2, False),
    ]
    assert photos_of(alice)[0].created_at == datetime.fromtimestamp(1620000001, tz=UTC)
    assert brought(alice, tmp_path / "i.zip").already == 5


def test_instagram_until_2020(alice: User, tmp_path: Path) -> None:
    photo = {
        "caption": as_instagram_writes("Café"),
        "taken_at": "2019-08-01T10:20:30+00:00",
        "path": "photos/201908/a.jpg",
    }
    entries = {"media.json": {"photos": [photo]}, "photos/201908/a.jpg": shot(1)}
    brought(alice, packed(tmp_path / "i.zip", entries))
    (one,) = photos_of(alice)
    assert (one.caption, one.created_at) == ("Café", datetime(2019, 8, 1, 10, 20, 30, tzinfo=UTC))


@pytest.mark.parametrize("text", ["é", "Σ", "Привет", "🦆", "plain", "line\nbreak"])
def test_a_text_of_instagram_is_turned_back_and_a_right_one_kept(text: str) -> None:
    assert readable(as_instagram_writes(text)) == text
    assert readable(text) == text


def test_mastodon(alice: User, tmp_path: Path) -> None:
    public = "https://www.w3.org/ns/activitystreams#Public"
    followers = "https://example.social/users/a/followers"

    def item(number: int, to: list[str], cc: list[str], **note: Any) -> dict[str, Any]:
        url = f"/media_attachments/files/109/{number}.jpg"
        attachment = {"type": "Document", "mediaType": "image/jpeg", "url": url, "name": "A duck"}
        said = {
            "type": "Note",
            "published": f"2022-11-0{number}T12:00:00Z",
            "content": "<p>One &amp; <a href='x'>two</a><br>three</p><p>four</p>",
            "to": to,
            "cc": cc,
            "attachment": [attachment],
        }
        return {"type": "Create", "object": {**said, **note}}

    items = [
        item(1, [public], [followers]),
        item(2, [followers], [public]),
        item(3, [followers], []),
        item(4, ["https://example.social/users/b"], []),
        item(5, [public], [], attachment=[]),
        {"type": "Announce", "object": "https://example.social/1"},
        item(6, [public], [], attachment=[{"url": "/example/media_attachments/files/109/6.jpg"}]),
    ]
    entries = {
        "outbox.json": {"orderedItems": items},
        "actor.json": {"type": "Person"},
        **{f"media_attachments/files/109/{number}.jpg": shot(number) for number in (1, 2, 3, 4, 6)},
    }
    outcome = brought(alice, packed(tmp_path / "m.zip", entries))
    assert (outcome.source, outcome.imported) == ("Mastodon", 5)
    assert [one.archived for one in photos_of(alice)] == [False, False, True, True, False]
    first = photos_of(alice)[0]
    assert (first.caption, first.alt_text) == ("One & two\nthree\nfour", "A duck")


def test_flickr_in_two_parts(alice: User, tmp_path: Path) -> None:
    def photo(number: int, privacy: str) -> dict[str, Any]:
        return {
            "id": f"5000000000{number}",
            "name": "Title",
            "description": "Words &amp; <b>more</b>",
            "date_taken": "2014-07-0" + f"{number} 10:11:12",
            "date_imported": "2015-01-01 00:00:00",
            "privacy": privacy,
            "tags": [{"tag": "lake"}, {"tag": "two words"}],
        }

    said = {
        f"photo_5000000000{number}.json": photo(number, privacy)
        for number, privacy in enumerate(["public", "friend & family", "private", "public"], 1)
    }
    files = {
        "title_50000000001_o.jpg": shot(1),
        "50000000002_abcdef0123_o.jpg": shot(2),
        "title_50000000003_o.jpg": shot(3),
    }
    parts = [packed(tmp_path / "1.zip", said), packed(tmp_path / "2.zip", files)]
    outcome = brought(alice, *parts)
    assert (outcome.source, outcome.imported) == ("Flickr", 3)
    assert [(one.name, one.code) for one in outcome.refused] == [
        ("photo_50000000004.json", "missing")
    ]
    assert [one.archived for one in photos_of(alice)] == [False, True, True]
    assert photos_of(alice)[0].caption == "Title\n\nWords & more\n\n#lake"
    assert photos_of(alice)[0].created_at == datetime(2014, 7, 1, 10, 11, 12, tzinfo=UTC)


def test_google_photos(alice: User, tmp_path: Path) -> None:
    year, album = "Takeout/Google Photos/Photos from 2018", "Takeout/Google Photos/Holiday"
    long = "a-name-that-is-longer-than-google-keeps-of-it-all.jpg"

    def said(number: int) -> dict[str, Any]:
        taken = {"timestamp": str(1530000000 + number), "formatted": "whatever"}
        return {"title": "x", "description": f"number {number}", "photoTakenTime": taken}

    entries = {
        f"{year}/IMG.jpg": shot(1),
        f"{year}/IMG.jpg.supplemental-metadata.json": said(1),
        f"{year}/IMG(1).jpg": shot(2),
        f"{year}/IMG.jpg.supplemental-metadata(1).json": said(2),
        f"{year}/IMG_20180626_1234567890.jpg": shot(3),
        f"{year}/IMG_20180626_1234567890.jpg.supplemental-meta.json": said(3),
        f"{year}/{long}": shot(4),
        f"{year}/{long[:46]}.json": said(4),
        f"{year}/IMG-bearbeitet.jpg": shot(5),
        f"{year}/lost.jpg": shot(6),
        f"{year}/film.mp4": b"film",
        f"{album}/IMG.jpg": shot(1),
        f"{album}/IMG.jpg.json": said(1),
        f"{album}/metadata.json": {"title": "Holiday"},
    }
    outcome = brought(alice, packed(tmp_path / "g.zip", entries))
    assert (outcome.source, outcome.imported, outcome.already) == ("Google Photos", 5, 1)
    refused = {one.name.rpartition("/")[2]: one.code for one in outcome.refused}
    assert refused == {"film.mp4": "video", "lost.jpg": "no_date"}
    found = [(one.caption, one.created_at.timestamp(), one.archived) for one in photos_of(alice)]
    assert [(caption, int(at), alone) for caption, at, alone in found] == [
        ("number 1", 1530000001, True),
        ("number 1", 1530000001, True),
        ("number 2", 1530000002, True),
        ("number 3", 1530000003, True),
        ("number 4", 1530000004, True),
    ]
    again = brought(alice, tmp_path / "g.zip")
    assert (again.imported, again.already) == (0, 6)


def test_the_side_file_of_a_picture_may_have_many_names() -> None:
    assert "a/IMG.jpg.supplemental-metadata(1).json" in set(side_files("a/IMG(1).jpg"))
    assert "IMG.jpg(1).json" in set(side_files("IMG(1).jpg"))
    assert "IMG(1).jpg.json" in set(side_files("IMG(1).jpg"))
    assert "IMG.json" in set(side_files("IMG.jpg"))
    assert all(len(name) <= 46 + len("(1).json") for name in side_files("x" * 60 + "(1).jpg"))


def xmp(words: str) -> bytes:
    return (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description><dc:description><rdf:Alt>"
        b'<rdf:li xml:lang="x-default">' + words.encode() + b"</rdf:li></rdf:Alt>"
        b"</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def iptc(value: bytes) -> bytes:
    dataset = b"\x1c\x02\x78" + len(value).to_bytes(2, "big") + value
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(dataset).to_bytes(4, "big") + dataset


def taken(*, offset: str = "") -> bytes:
    notes: dict[int, Any] = {ExifTags.Base.DateTimeOriginal: "2011:03:04 23:30:00"}
    if offset:
        notes[ExifTags.Base.OffsetTimeOriginal] = offset
    return camera_exif(notes)


def test_a_folder_of_pictures(alice: User, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "__MACOSX").mkdir(parents=True)
    files = {
        "1-zoned.jpg": shot(1, exif=taken(offset="+09:00"), xmp=xmp("Inside &amp; out")),
        "2-local.jpg": shot(2, exif=taken()),
        "2-local.jpg.xmp": xmp("Beside, long"),
        "2-local.xmp": xmp("Beside, short"),
        "3-undated.jpg": shot(3),
        "__MACOSX/._1-zoned.jpg": b"x",
        "notes.txt": b"x",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    outcome = brought(alice, folder, zone=ZoneInfo("Europe/Berlin"), show_unknown=True)
    assert (outcome.source, outcome.imported, outcome.alone) == ("Folder of pictures", 2, 0)
    assert [(one.name, one.code) for one in outcome.refused] == [("3-undated.jpg", "no_date")]
    assert [(one.caption, one.created_at) for one in photos_of(alice)] == [
        ("Inside & out", datetime(2011, 3, 4, 14, 30, tzinfo=UTC)),
        ("Beside, long", datetime(2011, 3, 4, 22, 30, tzinfo=UTC)),
    ]
    assert brought(alice, folder).already == 2


def test_captions_of_iptc_in_three_character_sets() -> None:
    declared = b"\x1c\x01\x5a\x00\x03\x1b%G"
    assert iptc_caption(iptc("Zürich".encode())) == "Zürich"
    assert iptc_caption(iptc("Zürich".encode("latin-1"))) == "Zürich"
    assert iptc_caption(declared + iptc(b"Z\xc3\xbcrich \xff")) == "Zürich �"
    assert iptc_caption(b"\xff\xd8 nothing \x1c\x02\x78") == ""
    assert xmp_caption(b"<dc:description><rdf:li>unfinished") == ""


def test_an_archive_is_read_by_one_importer(tmp_path: Path) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "MiniGram": {"archive.json": {}, "photos.json": []},
        "Instagram": {"content/posts_1.json": []},
        "Mastodon": {"outbox.json": {}, "actor.json": {}},
        "Flickr": {"photo_123.json": {}},
        "Google Photos": {"Takeout/Google Photos/a.jpg.json": {}},
        "Folder of pictures": {"a.JPG": b"x"},
    }
    for number, (name, entries) in enumerate(kinds.items()):
        with open_archives([packed(tmp_path / f"{number}.zip", entries)]) as archive:
            assert recognised(archive).name == name
