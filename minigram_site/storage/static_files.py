"""Style sheets, scripts and icons under names that change with what is in them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

_OF_MODULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which also follows what the site's own modules import.

    Browsers keep hashed files for a year: a module that named its import without the hash would
    get last year's next to this year's. Libraries come with modules that import what they do not
    bring, so Django's switch for all files (``support_js_module_import_aggregation``) stays off.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("minigram_site/*.js", _OF_MODULES),
    )
