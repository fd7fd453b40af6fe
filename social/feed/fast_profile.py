"""A person's profile as an answer of the fast path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.http import Http404

from accounts.api.json import profile_json
from minigram_site.cache import Claim
from social import people, profile_cache
from social.feed import fast_reads
from social.feed.fast_cache import Answer
from social.feed.fast_reads import Caller, NotOnFastPath


class ProfileAnswer(Answer):
    """A person, as an answer to ``GET users/<username>/``; ``username`` is in lower case."""

    def __init__(self, caller: Caller, username: str, base: str) -> None:
        """Name the person; nothing is looked up yet."""
        super().__init__(caller, base)
        self.username = username

    def lookup(self) -> bytes | None:
        """Return the body if all of it is cached, else ``None``. One round trip, no query."""
        me = self.caller.id
        entries, leaves = profile_cache.parts_of(self.username, me)
        found = self._claim(entries, leaves)
        row = profile_cache.row_in(self.username, found, me) if found else None
        return None if row is None else self._body(row)

    def read_uncached(self) -> bytes:
        """Return the body from the database. Two queries."""
        fast_reads.require_account(self.caller)
        return self._body(profile_cache.current_row(self.caller.id, self._row))

    def read_missing(self, claimed: Claim) -> bytes:
        """Return the body, and store what was missing of it. One query."""
        found, me = claimed.found[1:], self.caller.id
        return self._body(profile_cache.read_missing(self.username, claimed, found, me, self._row))

    def _row(self) -> Sequence[Any] | None:
        return people.read_row(self.caller.id, self.username)

    def _body(self, row: Sequence[Any] | None) -> bytes:
        try:
            return orjson.dumps(profile_json(people.profile_of(row, self.caller.id), self.base))
        except Http404:
            raise NotOnFastPath from None
