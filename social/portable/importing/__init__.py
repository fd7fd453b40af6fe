"""Import: an archive of another site, read as hostile, previewed, brought along photo by photo."""

from social.portable.importing.reading import Archive, ArchiveRefused, open_archives, open_sent
from social.portable.importing.service import Choices, Outcome, Refusal, Run, bring, recognised

__all__ = [
    "Archive",
    "ArchiveRefused",
    "Choices",
    "Outcome",
    "Refusal",
    "Run",
    "bring",
    "open_archives",
    "open_sent",
    "recognised",
]
