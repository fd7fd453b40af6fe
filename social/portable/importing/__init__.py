"""Import: an archive of another site, read as hostile, previewed, brought along photo by photo."""

from social.portable.importing.reading import Archive, ArchiveRefused, open_archives
from social.portable.importing.service import Outcome, Refusal, bring, recognised

__all__ = [
    "Archive",
    "ArchiveRefused",
    "Outcome",
    "Refusal",
    "bring",
    "open_archives",
    "recognised",
]
