"""Why an archive is not taken, or a file of it: codes for programs, sentences for people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from photos.refusals import MESSAGES, ImageRejected
from social.portable.importing import reading, service
from social.portable.models import Import, ImportRefusal

# What is answered to somebody who sends an archive, or decides on one.
ANSWERS = {
    "imports_closed": _("Archives can’t be imported on this site."),
    "archive_too_large": _("This file is too large. An archive can have up to {gigabytes} GB."),
    "archive_empty": _("This file is empty. Choose another one."),
    "no_room": _(
        "There isn’t enough room for this file on this site. Please tell the people who run this "
        "site."
    ),
    "import_running": _("An archive of yours is being imported. Wait until it’s done, or stop it."),
    "not_receiving": _("No file is expected. Choose it again."),
    "wrong_part": _("This part of the file isn’t as long as it has to be. Send it again."),
    "wrong_offset": _("This part of the file is here already, or comes too early."),
    "not_ready": _("The archive hasn’t been looked through yet. Try again in a moment."),
}
# Why an import has failed.
REASONS = {
    **reading.REASONS,
    "no_room": _(
        "There was no room left on this site. Photos that are here stay. Please tell the people "
        "who run this site, then import the file again: it goes on where it was."
    ),
    "failed": _(
        "The archive couldn’t be imported. Photos that are here stay. Try again; if it fails "
        "again, please tell the people who run this site."
    ),
}
# Of single files.
FILE_CODES = sorted({*service.REASONS, *MESSAGES})


class JobRefused(Exception):
    """What somebody asked for is not done: ``code`` is for programs, the message for people."""

    def __init__(self, code: str, *, gigabytes: int = 0) -> None:
        """Take a key of ``ANSWERS``, and the limit that it names."""
        super().__init__(str(ANSWERS[code]).format(gigabytes=gigabytes))
        self.code = code


class WrongOffset(JobRefused):
    """A part does not begin where the last one has ended, which is ``received``."""

    def __init__(self, received: int) -> None:
        """Take how many bytes are here."""
        super().__init__("wrong_offset")
        self.received = received


def reason_of(job: Import) -> str:
    """Return the sentence that tells a person why their import has failed, if it has. No query."""
    return str(REASONS.get(job.reason, "")).format(name=job.reason_name)


def sentence_of(refusal: ImportRefusal) -> str:
    """Return the sentence that tells a person why a file was not taken. No query."""
    if refusal.code in MESSAGES and refusal.code not in service.REASONS:
        return ImageRejected(refusal.code).message
    # A former release may have had other reasons.
    return str(service.REASONS.get(refusal.code, service.REASONS["unreadable"]))
