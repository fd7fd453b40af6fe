"""Uploaded pictures: what is accepted, and the files that are served instead of them.

``process`` and ``process_avatar`` take bytes of unknown origin and either return upright,
stripped renditions or raise ``ImageRejected`` with a sentence for the person. The bytes decide
what a file is, never its name. This module looks at the first bytes and the last only (``check``);
all further parsing runs in ``photos.decoder``, a process with limits, one per picture.
"""

from __future__ import annotations

import base64
import errno
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Any

from django.conf import settings

from photos.formats import Kind, kind_of, name_of
from photos.refusals import MAX_RATIO, MIN_SIDE, ImageRejected

logger = logging.getLogger(__name__)

PHOTO_WIDTHS = (320, 640, 1080, 1600)
# Made after publishing (``photos.files.large``).
LARGE_WIDTH = 2560
AVATAR_WIDTHS = (64, 128, 320)
# What the common networks show of a link is 1200 wide; the height keeps long pictures small.
PREVIEW_LIMITS = (1200, 1600)

# Per decoder. 50 megapixels took 642 MB and 2.1 s of CPU at most, of all formats.
MEMORY_LIMIT = 1024**3
CPU_SECONDS = 20
TIMEOUT_SECONDS = 30
# Decoders at once in this process, and how long an upload waits for its turn: a person would
# rather wait than try again, so "busy" is for a site that is flooded with uploads.
DECODERS = 2
MAX_WAIT_SECONDS = 60

DECODER = Path(__file__).with_name("decoder")
# One malloc arena: each further one reserves 64 MB of the address space that is limited. Large
# pages for what malloc maps save two thirds of the page faults, 15 ms of a 12-megapixel JPEG.
DECODER_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
CHUNK_BYTES = 256 * 1024
# What browsers look at to guess a type (WHATWG MIME sniffing); PDF readers look at 1024.
HEAD_BYTES = 1445
# The record that ends a zip archive: 22 bytes and a comment of at most 65,535.
ZIP_TAIL_BYTES = 22 + 65535

MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|iframe|svg)[\s>/:]|<\?php\s|%pdf-", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size of a picture: a complete WebP file, or the JPEG of a preview."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """A picture ready to be stored: its own upright size and type, and what is served instead.

    ``placeholder`` is a ``data:`` address of at most 300 characters; renditions: narrowest first.
    ``preview`` is a JPEG in sRGB for the programs that show a link; avatars have none. ``camera``
    is what the original's EXIF says of "camera", "lens", "exposure" and "taken", as far as it does:
    text of strangers, printable, and no part of any file that is served. ``look`` is how the
    picture looks, 128 bits in hexadecimal: empty where it is plain, and for avatars.
    """

    width: int
    height: int
    mime: str
    placeholder: str
    renditions: tuple[Rendition, ...]
    preview: Rendition | None = None
    # No part of the hash: dictionaries have none.
    camera: dict[str, str] = field(default_factory=dict, hash=False)
    look: str = ""


_turns = threading.BoundedSemaphore(DECODERS)


def check(file: IO[bytes]) -> str:
    """Return the media type of the picture in ``file`` without decoding it.

    Raises ``ImageRejected`` for an empty or too large file, one of another format, and one that
    is an archive or markup too. Leaves ``file`` at its start.
    """
    return _look(file).mime


def process(
    file: IO[bytes],
    *,
    widths: Sequence[int] = PHOTO_WIDTHS,
    turn: int = 0,
    crop: Sequence[float] = (),
) -> ProcessedImage:
    """Return the picture in ``file`` at these widths in pixels; raises ``ImageRejected``.

    It is first turned by so many quarters clockwise, and then cropped to left, top, width and
    height, fractions of what one sees; nothing else of it is in any file.

    Never enlarged: widths beyond the original's are left out, and its own takes their place. The
    preview is made from the widest. Equal bytes give equal files. Costs about 0.3 s of CPU for a
    JPEG of 12 megapixels, nearly all of it in another process (docs/media.md).
    """
    return _process(file, widths, preview=PREVIEW_LIMITS, square=False, turn=turn, crop=crop)


def process_large(file: IO[bytes], *, turn: int = 0, crop: Sequence[float] = ()) -> ProcessedImage:
    """Return the picture in ``file`` at ``LARGE_WIDTH``, or at its own width, without a preview.

    Turned and cropped as by ``process``. Raises ``ImageRejected``.
    """
    return _process(file, (LARGE_WIDTH,), preview=None, square=False, turn=turn, crop=crop)


def process_avatar(file: IO[bytes]) -> ProcessedImage:
    """Return the middle square of the picture in ``file`` at ``AVATAR_WIDTHS``.

    Raises ``ImageRejected`` with a sentence for the person.
    """
    return _process(file, AVATAR_WIDTHS, preview=None, square=True)


def _process(
    file: IO[bytes],
    widths: Sequence[int],
    *,
    preview: tuple[int, int] | None,
    square: bool,
    turn: int = 0,
    crop: Sequence[float] = (),
) -> ProcessedImage:
    kind = _look(file)
    # Files without a name: whoever is killed, the system frees them with the last process.
    with TemporaryFile() as source, TemporaryFile() as result:
        shutil.copyfileobj(file, source, CHUNK_BYTES)
        source.flush()
        job = {
            "kind": kind.name,
            "source": source.fileno(),
            "result": result.fileno(),
            "widths": list(widths),
            "preview": preview,
            "square": square,
            "turn": turn,
            "crop": list(crop),
            "min_side": MIN_SIDE,
            "max_ratio": MAX_RATIO,
            "max_pixels": settings.MAX_IMAGE_PIXELS,
            "memory": MEMORY_LIMIT,
            "seconds": CPU_SECONDS,
        }
        with _a_turn():
            answer = _decode(job)
        return _processed(answer, kind, result)


def _processed(answer: dict[str, Any], kind: Kind, result: IO[bytes]) -> ProcessedImage:
    """Return the picture that the decoder described in ``answer`` and wrote into ``result``."""
    result.seek(0)
    files = [result.read(length) for length in answer["lengths"]]
    placeholder = base64.b64encode(files.pop(0)).decode()
    preview = None
    if size := answer["preview"]:
        preview = Rendition(size[0], size[1], files.pop())
    return ProcessedImage(
        width=answer["width"],
        height=answer["height"],
        mime=kind.mime,
        placeholder=f"data:image/webp;base64,{placeholder}",
        renditions=tuple(
            Rendition(width, height, data)
            for (width, height), data in zip(answer["renditions"], files, strict=True)
        ),
        preview=preview,
        camera=answer["camera"],
        look=answer["look"],
    )


def _look(file: IO[bytes]) -> Kind:
    """Return the format of the upload by its first and last bytes; raises ``ImageRejected``."""
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise ImageRejected("empty_file")
    kind = kind_of(head)
    if kind is None:
        raise ImageRejected("not_an_image", name=name_of(head))
    if size > settings.MAX_UPLOAD_BYTES:
        raise ImageRejected("file_too_large")
    if MARKUP.search(head) or _ends_as_zip(file, size):
        raise ImageRejected("suspicious_file")
    file.seek(0)
    return kind


def _ends_as_zip(file: IO[bytes], size: int) -> bool:
    """Tell whether the file is a zip archive too: by its last record, and what that points to.

    The record's four bytes alone are no proof: one photo of 65,000 holds them by chance.
    """
    start = max(0, size - ZIP_TAIL_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        length = int.from_bytes(tail[at + 12 : at + 16], "little")
        offset = int.from_bytes(tail[at + 16 : at + 20], "little")
        for directory in (offset, start + at - length, start + at - length - 76):
            file.seek(max(0, directory))
            if file.read(4) == b"PK\x01\x02":
                return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


@contextmanager
def _a_turn() -> Iterator[None]:
    """Hold one of ``DECODERS`` slots, for the body of the ``with``; waits for a free one.

    Raises ``ImageRejected`` "busy" after ``MAX_WAIT_SECONDS``.
    """
    if not _turns.acquire(timeout=MAX_WAIT_SECONDS):
        raise ImageRejected("busy")
    try:
        yield
    finally:
        _turns.release()


def _decode(job: dict[str, Any]) -> dict[str, Any]:
    """Run the decoder, which leaves the files in the job's ``result``; return its answer.

    Raises ``ImageRejected`` if the answer is a refusal or there is none, and ``OSError`` if the
    temporary folder has no room.
    """
    answer: dict[str, Any]
    done: subprocess.CompletedProcess[bytes] | None = None
    with TemporaryFile() as errors:
        with suppress(subprocess.TimeoutExpired):
            done = _run(job, errors)
        errors.seek(0)
        words = errors.read().decode(errors="replace").strip()
    if done is None:
        answer = {"refused": "took_too_long"}
    elif done.returncode == 0:
        answer = json.loads(done.stdout.splitlines()[-1])
    else:
        answer = {"refused": _code_of(done.returncode, words)}
    if answer.get("refused") == "no_room":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), gettempdir())
    if code := answer.get("refused"):
        # The last line of a traceback names the error.
        words = words.rpartition("\n")[2][-500:]
        logger.info("A %s file was refused: %s. %s", job["kind"], code, words)
        raise ImageRejected(code)
    return answer


def _run(job: dict[str, Any], errors: IO[bytes]) -> subprocess.CompletedProcess[bytes]:
    """Start the decoder and wait for it; raises ``TimeoutExpired``, which kills it.

    The decoder limits itself: code between fork and exec (``preexec_fn``) can deadlock a process
    with threads. Its output is a pipe: waiting for that ends at once, not at the next poll.
    """
    return subprocess.run(  # noqa: S603 - a fixed program of ours, no shell
        [sys.executable, "-I", str(DECODER), json.dumps(job)],
        cwd="/",
        env=DECODER_ENVIRONMENT,
        pass_fds=(job["source"], job["result"]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        timeout=TIMEOUT_SECONDS,
        start_new_session=True,
        check=False,
    )


def _code_of(status: int, words: str) -> str:
    """Return the code for a decoder that ended without an answer."""
    if status == -signal.SIGXCPU:
        return "took_too_long"
    if status == -signal.SIGKILL or "MemoryError" in words or "bad_alloc" in words:
        return "too_much_memory"
    return "image_unreadable"
