"""What the home feed asks for once it is open."""

from __future__ import annotations

from tests.matrix.rules import get, member, plain

TABLE = {
    "social:feed-news": plain(get(member())),
    "social:feed-side": plain(get(member())),
}
