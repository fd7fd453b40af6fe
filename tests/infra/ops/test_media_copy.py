"""What a copy of media holds."""

from __future__ import annotations

from pathlib import Path

from django.core.files.storage import default_storage

from infra.ops.media_copy import LINKS, source_files, stored_files
from minigram_site.storage import public_links


def test_links_to_public_pictures_are_part_of_no_copy(own_media_folder: Path) -> None:
    assert LINKS == public_links.FOLDER
    picture = own_media_folder / "renditions" / "a.webp"
    link = own_media_folder / LINKS / "media" / "a.webp"
    for path in (picture, link):
        path.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    link.symlink_to(picture)
    assert source_files(own_media_folder) == ["renditions/a.webp"]
    assert list(stored_files(default_storage)) == ["renditions/a.webp"]
