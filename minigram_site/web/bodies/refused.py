"""Bodies of requests: only what came whole, in UTF-8, of a known type and size, is carried out.

A server hands over what came when a client goes away in the middle, and Django takes what ends too
early for all of it: ``with_whole_bodies``, WSGI middleware, makes reading such a body an error (RFC
9112, 8: a message that is cut off is incomplete). It also gives a chunked body, whose length Django
takes for 0, the length that it has. ``refusal`` is asked before any view runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.http import parse_header_parameters

from minigram_site.storage import as_unavailable
from minigram_site.web.errors import bad_request, respond, too_large

# Room for the other fields of a form that carries a file of the largest accepted size.
FORM_OVERHEAD = 256 * 1024
# How much of a refused body is read and discarded, so that the browser shows the answer instead
# of a connection that was reset.
DRAINED_BYTES = 64 * 1024 * 1024
CODE = "incomplete_body"
SENTENCE = "The request ended before its body did. Send it again."
_STEP = 64 * 1024
_FORM_TYPES = {"multipart/form-data", "application/x-www-form-urlencoded"}
# JSON is UTF-8 (RFC 8259, 8.1), and so are this site's forms. ASCII is a part of it.
_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class WholeBody:
    """The input of a WSGI request: ``length`` bytes, or an error where the client sent fewer."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        """Take the server's stream."""
        self._stream = stream
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes. Raises ``ConnectionError`` if the body was cut off."""
        wanted = self._left if size < 0 else min(size, self._left)
        parts: list[bytes] = []
        while wanted > 0:
            parts.append(self._counted(self._stream.read(wanted)))
            wanted -= len(parts[-1])
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes of a line. Raises ``ConnectionError`` as ``read`` does."""
        wanted = self._left if size < 0 else min(size, self._left)
        line = self._counted(self._stream.readline(wanted)) if wanted else b""
        if len(line) < wanted and not line.endswith(b"\n"):
            raise ConnectionError(SENTENCE)
        return line

    def _counted(self, part: bytes) -> bytes:
        if not part:
            raise ConnectionError(SENTENCE)
        self._left -= len(part)
        return part


class UnnamedUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large files, whose temporary files have no name.

    The system frees them with the process, so that none is left of one that is killed.
    """

    file: UploadedFile[bytes]  # type: ignore[assignment]  # Django's has a path

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a temporary file for the file that begins. Raises ``OSError`` as the system does."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        content = TemporaryFile()  # noqa: SIM115 - closed with the request
        self.file = UploadedFile(content, self.file_name, self.content_type, 0, self.charset)

    def upload_interrupted(self) -> None:
        """Let the file go that a client has not sent to its end."""
        if hasattr(self, "file"):
            self.file.close()


class _FailedBody:
    """The input of a request whose body could not be received."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def read(self, size: int = -1) -> bytes:
        """Raise the ``OSError``."""
        raise self._error

    readline = read


def with_whole_bodies(application: Application) -> Application:
    """Return a WSGI application that reads each request's body whole, or fails to read it.

    Costs nothing without a body. A chunked one is received first, into memory up to a megabyte and
    into a temporary file beyond, and no further than the largest body that the site accepts.
    """

    def receiving(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"):
            with SpooledTemporaryFile(max_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE) as body:
                _receive(environ, body)
                return application(_readable(environ), start_response)
        if environ.get("CONTENT_LENGTH"):
            environ["wsgi.input"] = WholeBody(environ["wsgi.input"], content_length(environ))
        return application(_readable(environ), start_response)

    return receiving


def read_small_body(environ: Environ, longest: int) -> bytes:
    """Return the body of a request, which can be read again afterwards, also if it was cut off.

    Raises ``ValueError`` for one that has more than ``longest`` bytes, which is not read, or fewer
    than it says, and ``OSError`` where it could not be received.
    """
    length = content_length(environ)
    if length > longest:
        raise ValueError("The body is too long.")
    try:
        body = environ["wsgi.input"].read(length)
    except OSError as error:
        environ["wsgi.input"] = _FailedBody(error)
        raise
    environ["wsgi.input"] = BytesIO(body)
    if len(body) < length:
        raise ValueError(SENTENCE)
    return bytes(body)


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request whose body cannot be carried out, else ``None``. No query.

    411 without a length, 413 too large, 415 in another charset than UTF-8 or of a type that no page
    takes, 400 for a form that was cut off, 507 where a form's file has no room.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return respond(request, 411, "length_required", "Send the body with its Content-Length.")
    if content_length(request.META) > _limit(request.content_type):
        _drain(request)
        return too_large(request)
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        return respond(request, 415, "unsupported_charset", "Send text in UTF-8.")
    if request.path.startswith("/api/") or request.method != "POST":
        return None
    if content_length(request.META) and request.content_type not in _FORM_TYPES:
        return respond(request, 415, "unsupported_media_type", "Send the fields of a form.")
    return _unreadable_form(request)


def content_length(environ: Environ) -> int:
    """Return the length of the body in bytes; 0 without one, or if it is no number."""
    with suppress(ValueError):
        return int(environ.get("CONTENT_LENGTH") or 0)
    return 0


def _limit(content_type: str | None) -> int:
    if content_type == "multipart/form-data":
        return int(settings.MAX_UPLOAD_BYTES) + FORM_OVERHEAD
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _receive(environ: Environ, body: IO[bytes]) -> None:
    """Copy a chunked body into ``body``, up to one byte over the limit, and set its length."""
    content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    left = _limit(content_type) + 1
    try:
        while left and (part := environ["wsgi.input"].read(min(left, _STEP))):
            left -= body.write(part)
        length = body.tell()
        body.seek(0)
        environ["wsgi.input"] = body
    except OSError as error:
        # A client that went away, a malformed chunk, a full disk: whoever reads the body is told.
        environ["wsgi.input"], length = _FailedBody(error), 1
    environ["CONTENT_LENGTH"] = str(length)
    del environ["HTTP_TRANSFER_ENCODING"]


def _readable(environ: Environ) -> Environ:
    """Return ``environ`` with a content type and a charset that Django knows.

    It fails on others before any middleware runs; they are as good as none (RFC 9110, 8.3): bytes.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    if "*" in content_type or "charset" in content_type.lower():
        try:
            _, parameters = parse_header_parameters(content_type)
            "".encode(parameters.get("charset", "utf-8"))
        except (ValueError, LookupError):
            environ["CONTENT_TYPE"] = "application/octet-stream"
    return environ


def _unreadable_form(request: HttpRequest) -> HttpResponse | None:
    """Return 400 for a form that was cut off; a form that came whole is parsed by this.

    The check of the CSRF token, which is the first to read a form, would ignore the error: with a
    token in a header the view would then run with an empty form.
    """
    try:
        _ = request.POST
    except OSError as error:
        if full := as_unavailable(error):
            return respond(request, full.status, full.code, str(full.sentence))
        if isinstance(error, UnreadablePostError):
            return bad_request(request, BadRequest(SENTENCE))
        raise
    return None


def _drain(request: HttpRequest) -> None:
    left = min(content_length(request.META), DRAINED_BYTES)
    with suppress(UnreadablePostError):
        while left > 0 and (chunk := request.read(min(left, _STEP))):
            left -= len(chunk)
