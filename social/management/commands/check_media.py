"""``manage.py check_media``: compare the files of pictures with the rows that name them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from photos.files.audit import mend, take_stock


class Command(BaseCommand):
    """Report files without rows and rows without files; with ``--fix``, delete the former."""

    help = (
        "Compare stored files with the rows that name them. Exit status 1 if something is wrong; "
        "--fix deletes files that no row knows (missing files can only come from a backup)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``--fix``."""
        parser.add_argument("--fix", action="store_true", help="delete files without rows")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print files without rows and rows without files; ``CommandError`` if any are left."""
        stock = take_stock()
        for name in stock.files_without_rows:
            self.stdout.write(f"No row knows the file {name}")
        for owner, name in stock.rows_without_files:
            self.stdout.write(f"The file {name} of {owner} is missing")
        self.stdout.write(f"Checked {stock.checked} names.")
        if options["fix"]:
            mend(stock)
            self.stdout.write(f"Deleted {len(stock.files_without_rows)} files.")
        left = len(stock.rows_without_files)
        left += 0 if options["fix"] else len(stock.files_without_rows)
        if left:
            raise CommandError(f"{left} files and rows do not fit together.")
