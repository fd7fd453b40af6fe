"""What nginx asks an instance where it answers hot reads itself (``EDGE=on``, ADR 0022).

This is the one place that tells the edge (``infra/nginx/edge``) of keys and formats: it gets them
with each answer about the lease, twice a second, made by the functions that the site itself uses.
What only the site can say (who a token names, the head of an answer, a photo as JSON) is asked for
as well, so the edge holds no secret and repeats no rule.

Nothing here costs a query or a round trip. Only nginx gets an answer: it asks over the socket of an
instance, without the headers that it adds to requests from outside. Whoever could ask as well would
learn nothing but the names of keys and what is in their own token.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs

from rest_framework_simplejwt.exceptions import TokenError

from accounts import account_cache
from accounts.api.authentication import bearer
from minigram_site.api.learned_heads import Environ, StartResponse
from minigram_site.cache import Lease, current_lease, entry_key, redis_key
from minigram_site.web.metrics import is_direct
from photos import photo_cache
from photos.api.json_fragments import lasting_of_entry
from photos.conversation import like_cache
from social.feed.cache import ready_key
from social.feed.fast_feed import CACHED_QUERY, FEED_JSON
from social.feed.fast_path import HotReads, caller_of
from social.feed.fast_reads import NotOnFastPath

PREFIX = "/_edge/"
# The form of these answers, of entries and of pages with their gaps: the edge knows one.
FORMAT = 3
# The longest body of a photo's entry that is taken from nginx.
_MAX_BODY = 1024**2
# Stand for the values that the edge fills in; no id is that large.
_USER, _SESSION, _PHOTO = (9_000_000_000_000_000_000 + number for number in (1, 2, 3))


class EdgeQuestions:
    """WSGI middleware: answers nginx's own questions, hands every other request on."""

    def __init__(self, hot_reads: HotReads) -> None:
        """Stand in front of ``hot_reads``, whose learned heads the edge uses."""
        self._hot_reads = hot_reads
        self._answers = {
            "lease": self._lease,
            "caller": self._caller,
            "head": self._head,
            "photo": self._photo,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request. No query, no round trip for those of the edge."""
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX) or not is_direct(environ):
            return self._hot_reads(environ, start_response)
        answer = self._answers.get(path.removeprefix(PREFIX))
        body = answer(environ) if answer else None
        status = HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body or b"")))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body or b""]

    def _lease(self, environ: Environ) -> bytes | None:
        """Return for how long Redis may be believed, and under which keys it holds what."""
        lease = current_lease()
        if lease is None:
            return None
        said = {"milliseconds": int(lease.seconds_left() * 1000), **described(lease)}
        return "".join(f"{name} {value}\n" for name, value in said.items()).encode()

    def _caller(self, environ: Environ) -> bytes | None:
        """Return user, ``auth_version``, session and expiry of the token that was sent."""
        try:
            caller = caller_of(environ)
            expiry = bearer(environ["HTTP_AUTHORIZATION"])[-1]
        except (NotOnFastPath, TokenError, ValueError):
            return None
        return f"{caller.id} {caller.version} {caller.session} {expiry:.0f}\n".encode()

    def _head(self, environ: Environ) -> bytes | None:
        """Return the base of addresses and the headers of answers to such a request."""
        kind = parse_qs(environ["QUERY_STRING"]).get("kind", [""])
        head = self._hot_reads.head(environ, kind[0])
        if head is None:
            return None
        lines = [head.base, *(f"{name}: {value}" for name, value in head.headers)]
        return "".join(f"{line}\n" for line in lines).encode("latin-1")

    def _photo(self, environ: Environ) -> bytes | None:
        """Return a photo as JSON without what likes change, from the body of its entry."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        base = parse_qs(environ["QUERY_STRING"]).get("base")
        if not base or not 0 < length <= _MAX_BODY:
            return None
        body = environ["wsgi.input"].read(length)
        return lasting_of_entry(body, base[0])


def described(lease: Lease) -> dict[str, str]:
    """Return the form, the run of Redis, and the keys of all that the edge reads, by name.

    In a key, ``{user}``, ``{session}``, ``{photo}``, ``{cursor}``, ``{limit}`` and ``{base}`` stand
    for the values that the edge fills in. ``query`` is the regular expression of query strings
    whose pages are cached: cursor and limit are its groups. ``signing`` changes with the key of
    tokens.
    """
    generation = lease.generation
    account = account_cache.account_key(_USER, _SESSION)
    page = ready_key(_USER, "{cursor}", "{limit}", "{base}")
    keys = {
        "account": entry_key(generation, account_cache.ACCOUNT, account),
        "blocks": entry_key(generation, account_cache.BLOCKS, str(_USER)),
        "likes": entry_key(generation, like_cache.LIKES, str(_USER)),
        "photo": entry_key(generation, photo_cache.PHOTO, str(_PHOTO)),
        "page": entry_key(generation, FEED_JSON, page),
        "counts": redis_key(generation, photo_cache.counts_leaf(_PHOTO)),
    }
    return {
        "format": str(FORMAT),
        "generation": generation,
        "run_id": lease.row.run_id,
        "signing": account.rpartition(":")[2],
        "query": CACHED_QUERY.pattern,
        **{name: _with_names(key) for name, key in keys.items()},
    }


def _with_names(key: str) -> str:
    """Return a key with names in place of the numbers that stand for values."""
    for number, name in ((_USER, "user"), (_SESSION, "session"), (_PHOTO, "photo")):
        key = key.replace(str(number), f"{{{name}}}")
    return key
