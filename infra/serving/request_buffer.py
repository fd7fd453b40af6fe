"""The bytes of one request on their way: whether all of them have come, without parsing them.

gunicorn's parser has the last word on what they mean. Whatever it takes for longer than it was
taken for here ends as if the client had gone away.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

# What gunicorn's parser asks for at once: a request that fits is handed over as it came.
STEP = 8192
BODY_STEP = 256 * 1024
# Longer heads are refused (431); a browser sends a few kilobytes.
HEAD_LIMIT = 64 * 1024
# What is kept in memory of each request that comes in parts.
MEMORY_LIMIT = 64 * 1024
# Room for the other fields of a form and for the sizes of chunks.
OVERHEAD = 2 * 1024 * 1024
# The longest line with the size of a chunk, as gunicorn has it.
_LINE_LIMIT = 8190


class ChunkedBody:
    """Finds the end of a chunked body (RFC 9112, 7.1) whose parts are fed in order."""

    def __init__(self) -> None:
        """Expect the first line."""
        self._line = b""
        self._skip = 0
        self._is_last = False

    def ends_in(self, part: bytes) -> bool:
        """Return whether the body ends in this part, or is malformed, as the parser will say."""
        position = min(self._skip, len(part))
        self._skip -= position
        while (end := part.find(b"\n", position)) >= 0:
            line, self._line = self._line + part[position:end], b""
            if self._ends_at(line.strip()):
                return True
            position = min(end + 1 + self._skip, len(part))
            self._skip -= position - end - 1
        self._line += part[position:]
        return len(self._line) > _LINE_LIMIT

    def _ends_at(self, line: bytes) -> bool:
        """Take the size of a chunk or a trailer; return whether it is the end."""
        if self._is_last:
            return not line
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return True
        self._is_last = size == 0
        # The data of a chunk and the line end behind it.
        self._skip = size + 2 if size else 0
        return size < 0


class RequestBuffer:
    """One request, from its first byte until gunicorn has parsed it and the site read its body.

    ``largest`` is the number of bytes of the largest body that is waited for: of a larger one
    the site refuses what it is told of, and what it would read ends.
    """

    def __init__(self, largest: int) -> None:
        """Expect the first byte."""
        self._largest = largest
        # The head, and what came of the body with it.
        self._first = b""
        self._spool: IO[bytes] | None = None
        # How much of the body is missing; None until the head is there.
        self._missing: int | None = None
        self._chunks: ChunkedBody | None = None
        self._has_ended = False
        self._failure: OSError | None = None
        self.is_whole = False
        self.is_too_long = False
        self.awaits_continue = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come yet."""
        return not self._first and self._missing is None

    @property
    def has_head(self) -> bool:
        """Whether the head has come."""
        return self._missing is not None

    @property
    def is_complete(self) -> bool:
        """Whether the client has sent all of it, so that nothing more of it will come."""
        return self._missing is not None and (self._missing <= 0 or self._has_ended)

    @property
    def wanted(self) -> int:
        """How many bytes to receive next: never more than this request has, once that is known."""
        if self._missing is None or self._chunks:
            return STEP
        return min(self._missing, BODY_STEP)

    def feed(self, part: bytes) -> None:
        """Add what was received; an empty part says that no more will come."""
        if not part:
            self.is_whole = True
        elif self._missing is None:
            self._feed_head(part)
        else:
            self._feed_body(part)
        if self.is_whole and self._spool:
            self._spool_or_fail(lambda spool: spool.seek(0))

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of the request.

        Raises ``OSError`` at its end: ``ConnectionResetError``, as if the client had gone away, or
        why the request could not be kept, such as a full disk.
        """
        if self._first:
            part, self._first = self._first[:size], self._first[size:]
            return part
        if part := self._spool.read(size) if self._spool else b"":
            return part
        raise self._failure or ConnectionResetError(errno.ECONNRESET, "The request ended early.")

    def rest(self) -> bytes:
        """Return what came behind the request, once it was read."""
        return self._first + (self._spool.read() if self._spool else b"")

    def close(self) -> None:
        """Delete the temporary file, if there is one."""
        spool, self._spool = self._spool, None
        if spool:
            with suppress(OSError):
                spool.close()

    def _feed_head(self, part: bytes) -> None:
        before = len(self._first)
        self._first += part
        end = _end_of_head(self._first, max(0, before - 3))
        if end < 0:
            self.is_too_long = self.is_whole = len(self._first) > HEAD_LIMIT
            return
        head, body = self._first[:end].lower(), len(self._first) - end
        if b"\ntransfer-encoding:" in head:
            self._chunks, self._missing = ChunkedBody(), self._largest
            self.is_whole = self._has_ended = self._chunks.ends_in(self._first[end:])
        elif b"\ncontent-length:" in head:
            self._missing = _content_length(head) - body
            # The site answers a body that is too large without reading it.
            self.is_whole = not 0 < self._missing <= self._largest
        else:
            self._missing, self.is_whole = 0, True
        self.awaits_continue = b"\nexpect:" in head and not self.is_whole

    def _feed_body(self, part: bytes) -> None:
        self._missing = (self._missing or 0) - len(part)
        self._has_ended = self._chunks is not None and self._chunks.ends_in(part)
        self.is_whole = self._has_ended or self._missing <= 0
        if self._spool is None:
            self._spool = SpooledTemporaryFile(max_size=MEMORY_LIMIT)  # noqa: SIM115
        self._spool_or_fail(lambda spool: spool.write(part))

    def _spool_or_fail(self, action: Callable[[IO[bytes]], Any]) -> None:
        """Use the spool; the site is told of a failure, such as a full disk, when it reads on."""
        try:
            if self._spool:
                action(self._spool)
        except OSError as error:
            self._failure, self.is_whole = error, True
            self.close()


def _end_of_head(head: bytes, start: int) -> int:
    """Return where the body begins; -1 if the head goes on.

    Line feeds without carriage returns end it too, for the parser to refuse.
    """
    for ending in (b"\r\n\r\n", b"\n\r\n", b"\n\n"):
        if (position := head.find(ending, start)) >= 0:
            return position + len(ending)
    return -1


def _content_length(head: bytes) -> int:
    """Return the length of the body; 0 if it is no number, as the parser will say."""
    value = head.partition(b"\ncontent-length:")[2].partition(b"\n")[0].strip()
    return int(value) if value.isdigit() and len(value) < 20 else 0
