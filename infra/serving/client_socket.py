"""A client's connection: neither reading a request from it nor writing an answer ever waits.

What gunicorn reads was received before; what it writes and the client does not take yet is kept
and sent by the worker's event loop.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any

from infra.serving.request_buffer import BODY_STEP, RequestBuffer

# How much of an answer that is no file is kept in memory.
MEMORY_LIMIT = 1024 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ClientSocket(socket.socket):
    """The socket of a client, with the request that it sends and the answer that it has to take.

    It is used by the event loop or by one thread at a time. ``largest`` is the number of bytes of
    the largest body that is waited for.
    """

    def __init__(self, accepted: socket.socket, largest: int) -> None:
        """Take over an accepted connection."""
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        super().setblocking(False)  # noqa: FBT003 - socket's signature
        self._largest = largest
        self.request = RequestBuffer(largest)
        self._unsent: deque[memoryview | _FilePart] = deque()
        # The head of an answer, which goes out with the first part of the body.
        self._held = b""
        self._continued = False

    # What the event loop calls.

    def receive(self) -> bool:
        """Take in what has come; return whether the request is whole, or will never be.

        Raises ``OSError`` if the connection is broken.
        """
        request = self.request
        if not request.is_whole:
            try:
                request.feed(super().recv(request.wanted))
            except BlockingIOError:
                return False
            if request.awaits_continue and not self._continued:
                self._continued = True
                self.sendall(CONTINUE)
        return request.is_whole

    def begin_request(self, early: bytes) -> None:
        """Expect the next request, of which some bytes may have come ``early``."""
        self.request.close()
        self.request = RequestBuffer(self._largest)
        self._continued = False
        if early:
            self.request.feed(early)

    @property
    def is_sent(self) -> bool:
        """Whether the client's system has taken all of the answer."""
        return not self._unsent

    def send_head(self) -> None:
        """Send the head of an answer without a body, if it was not sent yet.

        Raises ``OSError`` if the connection is broken.
        """
        held, self._held = self._held, b""
        if held:
            self._send_or_keep(held)

    def send_more(self) -> None:
        """Send a part of what is to be sent. Raises ``OSError`` if the connection is broken."""
        with suppress(BlockingIOError):
            self._send_part()

    def discard(self) -> bool:
        """Throw away what has come; return whether the client has hung up.

        Raises ``OSError`` if the connection is broken.
        """
        try:
            return not super().recv(BODY_STEP)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the connection with the files that belong to it."""
        self.request.close()
        while self._unsent:
            _drop(self._unsent.popleft())
        super().close()

    # What gunicorn calls, in a thread.

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return up to ``size`` bytes of the request. Raises ``OSError`` at its end."""
        return self.request.read(size)

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all of ``data``: gunicorn's "100 Continue", unless the client had it already."""
        if not self._continued:
            self.sendall(data)
        return len(data)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send ``data``, or keep what the client does not take yet.

        Raises ``OSError`` if the connection is broken, or the disk too full to keep it.
        """
        if self._held:
            data, self._held = self._held + data, b""
        elif data.startswith(b"HTTP/1.") and not data.startswith(CONTINUE):
            self._held = data
            return
        self._send_or_keep(data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send ``count`` bytes of a file, or keep it open until the client takes them."""
        self.send_head()
        descriptor = file.fileno()
        size = os.fstat(descriptor).st_size - offset if count is None else count
        sent = 0
        if not self._unsent:
            with suppress(BlockingIOError):
                sent = os.sendfile(self.fileno(), descriptor, offset, min(size, BODY_STEP))
        if sent < size:
            rest = os.fdopen(os.dup(descriptor), "rb")
            self._unsent.append(_FilePart(rest, offset + sent, size - sent))
            with suppress(BlockingIOError):
                while self._unsent:
                    self._send_part()
        return size

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - socket's signature
        """Change nothing: no call of this socket waits."""

    def settimeout(self, value: float | None) -> None:
        """Change nothing: no call of this socket waits."""

    def _send_or_keep(self, data: bytes) -> None:
        sent = 0
        if not self._unsent:
            with suppress(BlockingIOError):
                sent = super().send(data)
        if sent < len(data):
            self._keep(memoryview(data)[sent:])

    def _send_part(self) -> None:
        part = self._unsent[0]
        if isinstance(part, _FilePart):
            part.send(self)
            left = len(part)
        else:
            left = len(part) - super().send(part)
            self._unsent[0] = part[-left:]
        if not left:
            _drop(self._unsent.popleft())

    def _keep(self, data: memoryview) -> None:
        """Keep what is to be sent: a megabyte in memory, the rest in a temporary file."""
        last = self._unsent[-1] if self._unsent else None
        if isinstance(last, _Spill):
            last.append(data)
        elif sum(len(part) for part in self._unsent) + len(data) <= MEMORY_LIMIT:
            self._unsent.append(memoryview(bytes(data)))
        else:
            spill = _Spill()
            self._unsent.append(spill)
            spill.append(data)


def _drop(part: memoryview | _FilePart) -> None:
    if isinstance(part, _FilePart):
        part.file.close()


class _FilePart:
    """A part of an open file that has to be sent."""

    def __init__(self, file: IO[bytes], offset: int, count: int) -> None:
        self.file = file
        self._offset = offset
        self._count = count

    def __len__(self) -> int:
        return self._count

    def send(self, client: socket.socket) -> None:
        """Send what the client takes now. Raises ``OSError`` if the file became shorter."""
        step = min(self._count, BODY_STEP)
        sent = os.sendfile(client.fileno(), self.file.fileno(), self._offset, step)
        if not sent:
            raise ConnectionAbortedError("The file is shorter than it was.")
        self._offset += sent
        self._count -= sent


class _Spill(_FilePart):
    """What did not fit into memory."""

    def __init__(self) -> None:
        super().__init__(TemporaryFile(), 0, 0)  # noqa: SIM115 - closed when it was sent

    def append(self, data: memoryview) -> None:
        """Add to the end. Raises ``OSError`` if the disk is full."""
        self.file.write(data)
        self.file.flush()
        self._count += len(data)
