"""Import jobs: archives that members send in parts, look at, and have brought along."""

from social.portable.jobs.receiving import begin, receive, receive_file, require_job
from social.portable.jobs.refusals import JobRefused, WrongOffset, reason_of, sentence_of
from social.portable.jobs.service import (
    LISTED,
    delete_ended,
    forget,
    import_of,
    proceed,
    refusals_page,
    start,
)
from social.portable.jobs.steps import advance, work

__all__ = [
    "LISTED",
    "JobRefused",
    "WrongOffset",
    "advance",
    "begin",
    "delete_ended",
    "forget",
    "import_of",
    "proceed",
    "reason_of",
    "receive",
    "receive_file",
    "refusals_page",
    "require_job",
    "sentence_of",
    "start",
    "work",
]
