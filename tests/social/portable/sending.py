"""Archives for tests, sent in parts as clients do."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from accounts.models import User
from social.portable import jobs
from social.portable.models import Import
from tests.photos.image_files import encoded, scene
from tests.social.portable.archives import packed
from tests.social.portable.test_import import HEAD, described


def zipped(path: Path, *photos: dict[str, Any], **entries: Any) -> bytes:
    """Return an archive of MiniGram of these photos, or of one, with these files beside."""
    listed = list(photos or [described()])
    return packed(
        path / "sent.zip", {"archive.json": HEAD, "photos.json": listed, **entries}
    ).read_bytes()


def send(owner: User, content: bytes, name: str = "mine.zip") -> Import:
    """Send an archive in its parts, to the end; return its import."""
    job = jobs.begin(owner=owner, name=name, size=len(content))
    while job.state == Import.State.RECEIVING:
        job = send_part(job, content)
    return job


def send_part(job: Import, content: bytes) -> Import:
    """Send the next part of an archive; return the import."""
    part = content[job.received : job.received + job.part_size]
    return jobs.receive(
        owner=job.owner, offset=job.received, content=BytesIO(part), length=len(part)
    )


def several(count: int) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return photos of different times, and their files."""
    photos = [
        described(
            id=str(number),
            created_at=f"20{10 + number}-05-04T10:00:00Z",
            pictures=[{"file": f"{number}.png"}],
        )
        for number in range(count)
    ]
    files = {f"{number}.png": encoded(scene(40 + number, 30), "PNG") for number in range(count)}
    return photos, files


def numbers(job: Import) -> tuple[int, ...]:
    """Return what was found, imported, here already, and refused."""
    job.refresh_from_db()
    return job.found, job.imported, job.already, job.refused
