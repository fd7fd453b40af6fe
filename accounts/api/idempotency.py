"""``Idempotency-Key``: a create that is sent twice happens once and is answered twice.

The header and its rules follow the IETF draft "The Idempotency-Key HTTP Header Field": the first
answer is kept for a day and replayed, a key used for another request is refused with 422 (with 409
if that request names uploads), and one whose first request still runs with 409.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyKey
from minigram_site.api.errors import Problem
from minigram_site.api.rendering import to_json
from minigram_site.db import insert_or_ignore
from minigram_site.fields.snowflake import id_at, moment_of

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
# A request that has not answered by then was cut off; the next one with its key takes its place.
RUNS_AT_MOST = timedelta(minutes=3)
# The field of uploads that become a photo. They are used up by the first request: another one with
# its key contradicts what is.
UPLOADS = "media_ids"
_KEY = re.compile(r"[\x21-\x7e]{1,64}\Z")

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Return an API view's ``post``, wrapped so that it runs once for each ``Idempotency-Key``.

    Costs an insert and an update, and nothing without the header. A request that fails (by an
    exception or with 5xx) frees its key, so that it can be corrected and sent again. The wrapped
    view raises ``Problem``: 400 for a malformed key, 409 while its first request still runs, 422
    or 409 where the key came with another request.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        claim = _claim(request, key)
        if claim.status is not None:
            return _replay(claim)
        try:
            with _together(request):
                response = handler(view, request, *args, **kwargs)
                if response.status_code < 500:
                    claim.status, claim.body = response.status_code, to_json(response.data)
                    claim.save(update_fields=["status", "body"])
        except BaseException:
            claim.delete()
            raise
        if response.status_code >= 500:
            claim.delete()
        return response

    once.is_idempotent = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return once


def _together(request: Request) -> AbstractContextManager[Any]:
    """Return a transaction for what is created and the stored answer: both are kept or neither.

    So nothing is created twice, even if the database or this process is lost in between. Without
    effect for files: decoding takes long, and would lock SQLite against other writers.
    """
    return nullcontext() if request.FILES else transaction.atomic()


def _claim(request: Request, key: str) -> IdempotencyKey:
    """Return the key's row: new without a status, or finished. Raises ``Problem`` 400, 409, 422."""
    if not _KEY.match(key):
        raise Problem(
            400, "invalid_idempotency_key", f"{HEADER} must be 1 to 64 visible ASCII characters."
        )
    mine = IdempotencyKey.objects.filter(user=request.user.pk)
    mine.filter(pk__lt=id_at(timezone.now() - KEPT_FOR)).delete()
    held = mine.filter(key=key, path=request.path[:200])
    fingerprint = _fingerprint(request)
    for _ in range(2):
        if insert_or_ignore(
            IdempotencyKey,
            user_id=request.user.pk,
            key=key,
            path=request.path[:200],
            fingerprint=fingerprint,
        ):
            return held.get()
        if found := held.first():
            if _usable(found, fingerprint, request.data):
                return found
            found.delete()
    raise _in_progress()


def _usable(found: IdempotencyKey, fingerprint: str, data: Any) -> bool:
    """Tell whether this row can be replayed; ``False`` for one whose request was cut off.

    Raises ``Problem``: 422 for another request's key, 409 if this one names uploads (``data`` is
    what it sent) or while the first request still runs.
    """
    if found.fingerprint != fingerprint:
        status = 409 if isinstance(data, Mapping) and UPLOADS in data else 422
        sentence = f"This {HEADER} was used for another request."
        raise Problem(status, "idempotency_key_reused", sentence)
    if found.status is not None:
        return True
    if timezone.now() - moment_of(found.pk) < RUNS_AT_MOST:
        raise _in_progress()
    return False


def _in_progress() -> Problem:
    sentence = f"The first request with this {HEADER} still runs: try again in a moment."
    return Problem(409, "idempotency_in_progress", sentence)


def _replay(found: IdempotencyKey) -> Response:
    return Response(
        orjson.loads(bytes(found.body)),
        status=found.status,
        headers={"Idempotency-Replayed": "true"},
    )


def _fingerprint(request: Request) -> str:
    """Return a hash of what was sent: fields by name with all values, files by content."""
    digest = hashlib.sha256(str(request.method).encode())
    for name, value in _sent(request.data):
        digest.update(f"\0{name}\0".encode(errors="replace"))
        if isinstance(value, UploadedFile):
            for chunk in value.chunks():
                digest.update(chunk)
            value.seek(0)
        else:
            digest.update(str(value).encode(errors="replace"))
    return digest.hexdigest()


def _sent(data: Any) -> list[tuple[str, Any]]:
    """Return the fields of a form or of a JSON object, by name; any other JSON value as one."""
    if isinstance(data, MultiValueDict):
        return [(name, value) for name in sorted(data) for value in data.getlist(name)]
    return sorted(data.items()) if isinstance(data, dict) else [("", data)]
