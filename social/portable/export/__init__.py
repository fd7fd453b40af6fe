"""Export: an archive of everything that is one person's, made in steps that survive a kill."""

from social.portable.export.service import (
    LIFETIME,
    NotReady,
    advance,
    ask,
    delete_ended,
    export_of,
    forget,
    reason_of,
    work,
)

__all__ = [
    "LIFETIME",
    "NotReady",
    "advance",
    "ask",
    "delete_ended",
    "export_of",
    "forget",
    "reason_of",
    "work",
]
