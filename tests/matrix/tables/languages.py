"""The language of the pages, and the words of their scripts."""

from __future__ import annotations

from tests.matrix.rules import anyone, at, get, plain, post

TABLE = {
    "accounts:language": plain(get(anyone()), post(anyone(302), {"language": "de"})),
    "words": at(lambda scene: {"language": "de", "fingerprint": "any"}, get(anyone())),
}
