"""Portable data: everybody has their own archive, and none of another person's."""

from __future__ import annotations

from tests.matrix.rules import delete, get, member, plain, post

TABLE = {
    "social:export": plain(get(member()), post(member(302))),
    "social:export-file": plain(get(member(404))),
    "social:delete-export": plain(post(member(302))),
    "api-export": plain(get(member(404)), post(member(200)), delete(member(204))),
    "api-export-file": plain(get(member(404))),
}
