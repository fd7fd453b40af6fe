"""The look-up of a name before sign-up, and the first steps after it."""

from __future__ import annotations

from tests.matrix.rules import get, member, plain, post, visitors

TABLE = {
    "accounts:check-name": plain(post(visitors(200, members=302), {"username": "owner"})),
    "social:welcome": plain(get(member()), post(member(302), {"display_name": ""})),
    "social:welcome-people": plain(get(member())),
}
