"""Style sheets, scripts and icons under names that change with what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import rcssmin
import rjsmin
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_OF_MODULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
_IMPORTED_SHEET = re.compile(r'^@import "\./([\w-]+\.css)";$', re.MULTILINE)
# What the pages of the site load; the rest is of the admin and of the API's reference.
_OF_PAGES = ("minigram_site/", "django_htmx/")


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which follows what the site's own modules import, and keeps it small.

    Browsers keep hashed files for a year: a module that named its import without the hash would
    get last year's next to this year's. Libraries come with modules that import what they do not
    bring, so Django's switch for all files (``support_js_module_import_aggregation``) stays off.

    The site's own style sheets and scripts lose what only authors need, comments and indentation,
    and a sheet that imports others becomes one file: browsers ask once and not one after another.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("minigram_site/*.js", _OF_MODULES),
    )

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], *, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        """Yield what became of every file, the site's own made small before they are hashed."""
        if not dry_run:
            paths = {name: self._made_small(name, *source) for name, source in paths.items()}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages name: files with a hash, by Brotli where many load them.

        Brotli takes a second for each megabyte, and the largest megabytes are those of the
        libraries that draw the API's reference.
        """
        hashed = set(self.hashed_files.values()) & set(paths)
        of_pages = {name for name in hashed if name.startswith(_OF_PAGES)}
        yield from super().compress_files(of_pages)
        self._with_brotli = False
        yield from super().compress_files(
            name for name in hashed - of_pages if not name.endswith(".map")
        )
        self._with_brotli = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return WhiteNoise's compressor for the files at hand."""
        return Compressor(use_brotli=self._with_brotli, **kwargs)

    def uncollected(self) -> list[str]:
        """Return the names of files that pages may ask for and this process cannot name.

        It knows what was collected before it started, so that the answer stays what it is: pages
        with one of these files fail until files are collected and the process is started again.
        Lists the source folders the first time.
        """
        if self._uncollected is None:
            sources = (finder.list(["CVS", ".*", "*~"]) for finder in get_finders())
            names = {self.hash_key(name) for listed in sources for name, _ in listed}
            self._uncollected = sorted(names - self.hashed_files.keys())
        return self._uncollected

    _uncollected: list[str] | None = None

    _with_brotli = True

    def _made_small(self, name: str, source: Storage, path: str) -> tuple[Storage, str]:
        file = PurePosixPath(name)
        if not name.startswith("minigram_site/") or "vendor" in file.parts:
            return source, path
        if file.suffix == ".css":
            small = str(rcssmin.cssmin(_with_imports(source, path)))
        elif file.suffix == ".js":
            small = str(rjsmin.jsmin(_read(source, path)))
        else:
            return source, path
        self.delete(name)
        self._save(name, ContentFile(small.encode()))
        return self, name


def _read(source: Storage, path: str) -> str:
    with source.open(path) as file:
        return bytes(file.read()).decode()


def _with_imports(source: Storage, path: str) -> str:
    """Return the sheet, with those it imports from its own folder in the place of the names."""
    folder = PurePosixPath(path).parent
    return _IMPORTED_SHEET.sub(
        lambda imported: _with_imports(source, str(folder / imported[1])), _read(source, path)
    )
