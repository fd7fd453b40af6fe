"""``manage.py export``: everything that is one person's, as one archive, for owners of a site."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from social.portable.export import archive_file, contents, writing
from social.portable.export.archive_file import ArchiveFile


class Command(BaseCommand):
    """Write the archive of a person into a folder; run again, it goes on where it was."""

    help = "Write everything that is one person's into a folder, as one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the person and the folder."""
        parser.add_argument("person", help="the username")
        parser.add_argument("folder", type=Path, help="made if it is missing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write ``NAME.zip``. Raises ``CommandError`` for an unknown name and a faulty folder."""
        owner = User.objects.named(options["person"].removeprefix("@")).first()
        if owner is None:
            raise CommandError(f"There is nobody called {options['person']}.")
        folder: Path = options["folder"]
        partial, target = folder / f"{owner.username}.partial", folder / f"{owner.username}.zip"
        try:
            with ArchiveFile(partial) as archive:
                there = archive.names
                photos = contents.own_photos(owner).order_by("pk")
                for photo in photos.iterator(chunk_size=contents.CHUNK):
                    writing.add_originals(archive, photo, there)
                writing.add_the_rest(archive, owner, timezone.now())
                size = archive.finish()
            os.replace(partial, target)  # noqa: PTH105 - in one step, also over a former one
            archive_file.remove(partial)
        except OSError as error:
            raise CommandError(f"The archive could not be written: {error}") from None
        self.stdout.write(f"{target}: {size:,} bytes.")
