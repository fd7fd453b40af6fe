"""Banned pictures: files that were removed and cannot be uploaded again, and what looks like them.

The same bytes are refused. A picture that only looks alike is published, and a case about it is
opened: two pictures may look alike and be different, which a person can tell and we cannot
(docs/adr/0039-pictures-that-look-alike.md).
"""

from __future__ import annotations

import hashlib
from typing import IO, Any, NamedTuple, cast

from minigram_site.db import insert_or_ignore
from photos.models import Photo
from photos.refusals import ImageRejected
from social.moderation import log, reports
from social.moderation.models import BannedPicture, Decision, Reason, Report

# Of 128 bits. Copies compressed again, half as large or a sixth brighter differed in at most 7, cut
# by a fiftieth at each side in at most 12; of pictures of different things the closest in 11.
MAX_DIFFERENCE = 10


class Match(NamedTuple):
    """The banned picture that a photo looks most like, and in how many of 128 bits they differ.

    ``case_id`` is the case in which it was banned, 0 if that is gone.
    """

    case_id: int
    difference: int


def refuse_banned(image: IO[bytes]) -> None:
    """Raise ``ImageRejected`` if ``image``, a seekable file, is a banned picture. One query.

    Leaves the file at its start.
    """
    if BannedPicture.objects.filter(sha256=_sha256(image)).exists():
        raise ImageRejected("banned_picture")


def ban(image: IO[bytes], decision: Decision, *, look: str = "") -> None:
    """Refuse this file, a seekable one, from now on, and report what looks like it.

    One statement.
    """
    insert_or_ignore(BannedPicture, sha256=_sha256(image), decision_id=decision.pk, look=look)


def report_alike(photo: Photo) -> None:
    """Open a case about a photo that looks like a banned picture; nobody is its reporter.

    Call it in the transaction that publishes the photo. One query, and four statements more where
    it looks like one.
    """
    match = closest([picture.look for picture in photo.pictures])
    if match is None:
        return
    case = reports.open_case(reports.thing_of(photo))
    banned = f"the picture banned in case {match.case_id}" if match.case_id else "a banned picture"
    words = f"Of 128 bits {match.difference} differ from {banned}."
    Report.objects.create(case=case, reporter=None, reason=Reason.ALIKE, words=words)
    log.write(case, Reason.ALIKE, by=None, words=words)


def closest(looks: list[str]) -> Match | None:
    """Return the banned picture that one of these looks like, the closest; ``None`` without.

    One query, and a comparison with each banned picture: 10,000 of them cost 30 ms.
    """
    wanted = [int(look, 16) for look in looks if look]
    if not wanted:
        return None
    banned = BannedPicture.objects.exclude(look="").values_list("look", "decision__case_id")
    best: Match | None = None
    for look, case_id in banned.iterator():
        number = int(look, 16)
        difference = min((number ^ one).bit_count() for one in wanted)
        if difference <= MAX_DIFFERENCE and (best is None or difference < best.difference):
            best = Match(case_id or 0, difference)
    return best


def _sha256(image: IO[bytes]) -> str:
    image.seek(0)
    digest = hashlib.file_digest(cast(Any, image), "sha256").hexdigest()
    image.seek(0)
    return digest
