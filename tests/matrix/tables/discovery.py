"""Followed tags, trending ones, and people to follow."""

from __future__ import annotations

from tests.matrix.rules import at, delete, get, member, plain, post, put
from tests.matrix.tables.photos import of_tag

TABLE = {
    "social:suggestions": plain(get(member())),
    "social:followed-tags": plain(get(member())),
    "social:follow-tag": at(of_tag, post(member(302))),
    "social:unfollow-tag": at(of_tag, post(member(302))),
    "api-trending-tags": plain(get(member())),
    "api-followed-tags": plain(get(member())),
    "api-follow-tag": at(of_tag, put(member(204)), delete(member(204))),
    "api-suggestions": plain(get(member())),
}
