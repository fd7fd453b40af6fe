"""gunicorn's worker with threads, where a thread has a request only while the site works on it.

gunicorn's own waits in a thread for each head, body and answer, so that as many slow clients as
there are threads silence a site that has no proxy in front. Here the event loop waits for all of
them, as nginx does: a request is handed to a thread when it is whole, and an answer that a client
does not take at once is sent by the loop. What is ready at once never enters the loop.

A stopping worker drops no connection of its backlog either (docs/adr/0015-retries-and-restarts.md).
"""

from __future__ import annotations

import errno
import os
import resource
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders  # type: ignore[import-untyped]
from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    _DEFER,
    TConn,
    ThreadWorker,
)

from infra.serving.client_socket import ClientSocket

# Seconds for the whole head of a request; between two parts of a body, or of an answer; and for
# the client to hang up after a request that was not read to its end. nginx's are the same.
HEAD_SECONDS = 15
PAUSE_SECONDS = 30
LINGER_SECONDS = 2
# Each connection may have a temporary file, and a picture that is being sent.
FILES_PER_CONNECTION = 3


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that waits for clients in its event loop only."""

    alive: bool
    # The number of bytes of the largest body that the site may accept.
    largest_body = 2**62

    def init_process(self) -> None:
        """Begin with nobody waiting, and with enough files for all connections."""
        # Until when each connection may wait for its client, by time.monotonic().
        self._deadlines: dict[Any, float] = {}
        self._next_check = 0.0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = max(soft, min(hard, self.worker_connections * FILES_PER_CONNECTION + 1000))
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Accept a connection; a thread gets it when its request is whole."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED}:
                raise
            return
        self.nr_conns += 1
        client = ClientSocket(accepted, self.largest_body)
        self._receive(TConn(self.cfg, client, address, listener.getsockname()))

    def handle(self, conn: Any) -> Any:
        """Answer a request, in a thread; defer the connection if the request is not whole."""
        client: ClientSocket = conn.sock
        try:
            if not client.receive():
                return _DEFER
            is_kept = self._answer(conn)
            client.send_head()
        except OSError:
            return False
        if is_kept:
            client.begin_request(conn.parser.unreader.take_buffered() + client.request.rest())
        return is_kept

    def _answer(self, conn: Any) -> Any:
        if conn.sock.request.is_too_long:
            error = LimitRequestHeaders("The head is too long.")
            self.handle_error(None, conn.sock, conn.client, error)
            return False
        # gunicorn would look for data once more.
        conn.data_ready = True
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Go on with a connection that a thread has left, in the event loop."""
        if conn.sock.is_sent:
            self._go_on(conn, fs)
        else:
            self._wait(conn, selectors.EVENT_WRITE, partial(self._on_writable, conn, fs))

    def murder_pending(self) -> None:
        """Close the connections whose clients were waited for long enough, once a second."""
        now = time.monotonic()
        if now >= self._next_check:
            self._next_check = now + 1
            for conn in [conn for conn, until in self._deadlines.items() if until <= now]:
                self._hang_up(conn)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Start or stop accepting: at the limit of connections, and when the worker stops."""
        super().set_accept_enabled(enabled)
        orphaned = self.ppid != os.getppid()
        if not enabled and (orphaned or not self.alive):
            self.alive = False
            for listener in self.sockets:
                with suppress(OSError):
                    self._drain(listener, orphaned=orphaned)

    def _cap_keepalive(self, deadline: float) -> None:
        """Let a stopping worker wait no longer for clients that have begun no request."""
        super()._cap_keepalive(deadline)
        for conn, until in self._deadlines.items():
            if conn.sock.request.is_empty:
                self._deadlines[conn] = min(until, deadline)

    def _drain(self, listener: Any, *, orphaned: bool) -> None:
        """Accept all connections in the backlog.

        No new ones arrive: the parent has unlinked the socket, or other workers go on accepting
        (where this one is replaced). A killed parent could not unlink it, so that an ``orphaned``
        worker shuts the socket down itself. Raises ``OSError`` if it is closed.
        """
        if orphaned and listener.FAMILY == socket.AF_UNIX:
            listener.shutdown(socket.SHUT_RD)
        before = -1
        while before != self.nr_conns:
            before = self.nr_conns
            self.accept(listener)

    def _receive(self, conn: Any) -> None:
        """Hand the request to a thread if it is whole, else wait for the client."""
        try:
            is_whole = conn.sock.receive()
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        if is_whole:
            self.enqueue_req(conn)
        else:
            seconds = PAUSE_SECONDS if conn.sock.request.has_head else HEAD_SECONDS
            self._wait(conn, selectors.EVENT_READ, partial(self._on_readable, conn), seconds)

    def _on_readable(self, conn: Any, client: ClientSocket) -> None:
        try:
            is_whole = client.receive()
        except OSError:
            self._hang_up(conn)
            return
        if is_whole:
            self._stop_waiting(conn)
            self.enqueue_req(conn)
        elif client.request.has_head:
            self._deadlines[conn] = time.monotonic() + PAUSE_SECONDS

    def _on_writable(self, conn: Any, fs: Future[Any], client: ClientSocket) -> None:
        try:
            client.send_more()
        except OSError:
            self._hang_up(conn)
            return
        if client.is_sent:
            self._stop_waiting(conn)
            self._go_on(conn, fs)
        else:
            self._deadlines[conn] = time.monotonic() + PAUSE_SECONDS

    def _go_on(self, conn: Any, fs: Future[Any]) -> None:
        """Wait for the rest of this request or for the next one, or close the connection."""
        result = not fs.cancelled() and not fs.exception() and fs.result()
        if result is _DEFER or (result and not conn.sock.request.is_empty):
            self._receive(conn)
        elif result:
            super().finish_request(conn, fs)
        elif conn.sock.request.is_complete:
            self.nr_conns -= 1
            conn.close()
        else:
            self._linger(conn)

    def _linger(self, conn: Any) -> None:
        """Close a connection whose client still sends, so that it reads the answer (RFC 9112, 9.6).

        gunicorn's own waits two seconds for the client here, and nobody else is served meanwhile.
        """
        conn.timeout = time.monotonic() + PAUSE_SECONDS
        self._wait(conn, selectors.EVENT_READ, partial(self._on_leaving, conn), LINGER_SECONDS)
        with suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)

    def _on_leaving(self, conn: Any, client: ClientSocket) -> None:
        with suppress(OSError):
            if not client.discard():
                until = time.monotonic() + LINGER_SECONDS
                self._deadlines[conn] = min(until, conn.timeout)
                return
        self._hang_up(conn)

    def _wait(
        self, conn: Any, event: int, callback: Callable[[Any], None], seconds: int = PAUSE_SECONDS
    ) -> None:
        """Let the event loop call back when the client can be read from, or written to."""
        self._deadlines[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, event, callback)

    def _stop_waiting(self, conn: Any) -> None:
        del self._deadlines[conn]
        self.poller.unregister(conn.sock)

    def _hang_up(self, conn: Any) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()
