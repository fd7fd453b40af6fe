"""The addresses of avatars."""

from __future__ import annotations

from collections.abc import Sequence

from minigram_site.fields.snowflake import encode


def avatar_of(user_id: int, files: Sequence[tuple[int, str]], index: int) -> str | None:
    """Return the path of one size of an avatar; ``None`` without an avatar.

    ``files`` are the (side, storage name) pairs, smallest first; ``index`` past the largest means
    the largest. The view behind the address asks who may see it.
    """
    if not files:
        return None
    _, name = files[min(index, len(files) - 1)]
    return f"/media/avatars/{encode(user_id)}/{name.rpartition('/')[2]}"
