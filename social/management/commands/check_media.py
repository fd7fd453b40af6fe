"""``manage.py check_media``: compare the files of pictures, and links to them, with the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from photos.files.audit import mend, take_stock


class Command(BaseCommand):
    """Report files without rows, rows without files, wrong links; ``--fix`` deletes, but no row."""

    help = (
        "Compare stored files, and the links to public ones, with the rows that name them. Exit "
        "status 1 if something is wrong; --fix deletes files that no row knows and links to what "
        "not everybody may see (missing files can only come from a backup)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``--fix``."""
        parser.add_argument(
            "--fix", action="store_true", help="delete files without rows, and wrong links"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what does not fit together; ``CommandError`` if any of it is left."""
        stock = take_stock()
        for name in stock.files_without_rows:
            self.stdout.write(f"No row knows the file {name}")
        for owner, name in stock.rows_without_files:
            self.stdout.write(f"The file {name} of {owner} is missing")
        for kind, code in stock.wrong_links:
            self.stdout.write(f"Not everybody may see what is linked at {kind}/{code}")
        self.stdout.write(f"Checked {stock.checked} names.")
        if options["fix"]:
            mend(stock)
            self.stdout.write(f"Deleted {len(stock.files_without_rows)} files.")
            self.stdout.write(f"Deleted the links at {len(stock.wrong_links)} addresses.")
        left = len(stock.rows_without_files)
        left += 0 if options["fix"] else len(stock.files_without_rows) + len(stock.wrong_links)
        if left:
            raise CommandError(f"{left} files and rows do not fit together.")
