"""The fast path of pictures: their bytes are sent before Django.

``Pictures`` is WSGI middleware (``minigram_site.wsgi``). A picture that everybody may see is linked
(``minigram_site.storage.public_links``): the link is opened, no question is asked. Behind nginx,
which looks at the links itself, that step is left out. A private picture costs the one statement of
``photos.files.access``. Everything else goes to Django unchanged: a picture that is not linked yet,
a refusal, a bucket, an unusual request, a failing database.

The headers that all answers of the site have are not written a second time but learned from
Django, whose first answer for a host and scheme is kept; so it also decides which hosts there are.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections
from minigram_site.fields.snowflake import decode
from minigram_site.storage import public_links
from minigram_site.web import read_your_writes
from photos.files import http
from photos.files.access import private_file

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
HeadKey = tuple[Any, ...]

logger = logging.getLogger(__name__)

# Names as this site gives them: no path leads out of the folder of links.
_ADDRESS = re.compile(
    r"/media/(photos|avatars)/([1-9A-HJ-NP-Za-km-z]{1,11})/([0-9A-Za-z_-]{1,100}\.(?:webp|jpg))"
)
# What the headers of a response depend on, beside the file.
_HEAD_INPUTS = ("HTTP_HOST", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO")
_UNUSUAL = ("HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH", "SCRIPT_NAME")
# Real clients differ in a few hosts; beyond this it is somebody probing.
_MAX_HEADS = 256
# Headers that belong to one file or one way of sending it.
_OF_ONE_FILE = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "x-accel-redirect",
    "x-picture-cache-control",
}
_PUBLIC, _PRIVATE = ("Cache-Control", http.PUBLIC), ("Cache-Control", http.PRIVATE)
_BLOCK = 256 * 1024
# Bytes. A file that is not larger is read, and sent with its head by one system call. Sending from
# the file, as is done with all others, takes more calls, at each of which threads wait for each
# other. Most renditions of 320 and 640 are below that.
_READ_AT_ONCE = 128 * 1024
# Those that are sent by links are counted nowhere: nginx does not either.
_count_asked = ANSWERS.labels("picture", "sql").inc


class Pictures:
    """WSGI middleware: sends pictures itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``."""
        self._django = django
        self._heads: dict[HeadKey, Headers] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request: no query if the picture is public, one or two if private."""
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if address is None or not _is_usual(environ) or (links := public_links.folder()) is None:
            return self._django(environ, start_response)
        key = tuple(map(environ.get, _HEAD_INPUTS))
        if (head := self._heads.get(key)) is None:
            return self._django(environ, self._learning(key, start_response))
        behind_nginx = settings.MEDIA_ACCEL_PREFIX
        if not behind_nginx:
            public = [*head, _PUBLIC]
            answer = self._send(f"{links}{address[0]}", environ, start_response, public)
            if answer is not None:
                return answer
        if name := _private_name(environ, address):
            _count_asked()
            if behind_nginx:
                return _accelerate(name, start_response, head)
            private = [*head, _PRIVATE]
            answer = self._send(f"{links.parent}/{name}", environ, start_response, private)
            if answer is not None:
                return answer
        return self._django(environ, start_response)

    def _send(
        self, path: str, environ: Environ, start_response: StartResponse, head: Headers
    ) -> Iterable[bytes] | None:
        """Send the file, the part of it that is asked for, or word that the client has it.

        ``None`` if the file cannot be opened: Django says why. What is not asked for is not read.
        """
        name = path.rpartition("/")[2]
        etag = http.etag_of(name)
        held = environ.get("HTTP_IF_NONE_MATCH")
        is_get = environ["REQUEST_METHOD"] == "GET"
        try:
            if held and (held == etag or http.has_it(held, etag)):
                Path(path).stat()
                start_response("304 Not Modified", [*head, ("ETag", etag)])
                return []
            if not is_get:
                start_response("200 OK", _whole(name, etag, Path(path).stat().st_size, head))
                return []
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        size = os.fstat(descriptor).st_size
        asked = environ.get("HTTP_RANGE")
        if asked:
            part = http.asked_part(asked, environ.get("HTTP_IF_RANGE", ""), etag, size)
            if part is not None:
                return self._send_part(descriptor, part, size, environ, start_response, head)
        start_response("200 OK", _whole(name, etag, size, head))
        if size > _READ_AT_ONCE and "wsgi.file_wrapper" in environ:
            return cast(Iterable[bytes], environ["wsgi.file_wrapper"](FileIO(descriptor), _BLOCK))
        return [_read(descriptor, 0, size)]

    def _send_part(
        self,
        descriptor: int,
        part: range,
        size: int,
        environ: Environ,
        start_response: StartResponse,
        head: Headers,
    ) -> Iterable[bytes]:
        """Send a part of the open file; one that is not there is Django's to refuse."""
        if not part:
            os.close(descriptor)
            return self._django(environ, start_response)
        name = environ["PATH_INFO"].rpartition("/")[2]
        headers = _described(name, http.etag_of(name), len(part), head)
        headers.append(("Content-Range", f"bytes {part[0]}-{part[-1]}/{size}"))
        start_response("206 Partial Content", headers)
        return [_read(descriptor, part.start, len(part))]

    def _learning(self, key: HeadKey, start_response: StartResponse) -> StartResponse:
        """Return a ``start_response`` that keeps the headers of a picture that was sent."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            names = {name.lower() for name, _ in headers}
            if status == "200 OK" and "etag" in names and "set-cookie" not in names:
                if len(self._heads) >= _MAX_HEADS:
                    self._heads.clear()
                self._heads[key] = [one for one in headers if one[0].lower() not in _OF_ONE_FILE]
            return start_response(status, headers, *error)

        return start


def _is_usual(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] in {"GET", "HEAD"} and not any(map(environ.get, _UNUSUAL))


def _described(name: str, etag: str, length: int, head: Headers) -> Headers:
    """Return the headers of a file, of which so many bytes are sent."""
    return [
        *head,
        ("ETag", etag),
        ("Content-Type", http.content_type(name)),
        ("Content-Length", str(length)),
        ("Accept-Ranges", "bytes"),
    ]


def _whole(name: str, etag: str, size: int, head: Headers) -> Headers:
    """Return the headers of a file that is sent whole."""
    disposition = ("Content-Disposition", f'inline; filename="{name}"')
    return [*_described(name, etag, size, head), disposition]


def _read(descriptor: int, start: int, length: int) -> bytes:
    """Return bytes of an open file, and close it."""
    try:
        return os.pread(descriptor, length, start)
    finally:
        os.close(descriptor)


def _private_name(environ: Environ, address: re.Match[str]) -> str | None:
    """Return the storage name of a private photo's file; ``None`` where Django has to answer."""
    authorization, cookies = (
        environ.get(f"HTTP_{name}", "") for name in ("AUTHORIZATION", "COOKIE")
    )
    if address[1] != public_links.PHOTOS or not (authorization or cookies):
        return None
    try:
        photo_id = decode(address[2])
        with read_your_writes.read_only_request(""):
            return private_file(authorization, cookies, photo_id, address[3])
    except (DatabaseError, InterfaceError, ValueError):
        return None
    except Exception:
        # A bug here must cost speed only: Django answers.
        logger.exception("The fast path has failed at %s.", environ["PATH_INFO"])
        return None
    finally:
        release_connections()


def _accelerate(name: str, start_response: StartResponse, head: Headers) -> Iterable[bytes]:
    """Tell nginx which file to send."""
    start_response(
        "200 OK",
        [
            *head,
            ("Content-Type", http.content_type(name)),
            ("Content-Length", "0"),
            ("ETag", http.etag_of(name)),
            ("X-Accel-Redirect", settings.MEDIA_ACCEL_PREFIX + quote(name)),
            ("X-Picture-Cache-Control", http.PRIVATE),
        ],
    )
    return []
