"""The statement of a list before Django: the account behind the token, and the rows of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from accounts.api import tokens
from minigram_site.db import compiled_sql, fetch_prepared, read_alias
from social.feed.fast_reads import Caller, NotOnFastPath, require_account

# At least one row, which says whether the account confirms the token.
_STATEMENT = """
SELECT account.auth_version, listed.* FROM (SELECT 1) one
LEFT JOIN ({account}) account ON TRUE LEFT JOIN ({listed}) listed ON TRUE ORDER BY {order}
"""

Row = tuple[Any, ...]


def with_account(listed: str, keys: Sequence[str], me: str, session: str, *, backward: bool) -> str:
    """Return the statement for the rows of ``listed``, each after what the account says.

    ``listed`` is a ``photos.card_pages.page_statement`` in the order of ``keys``; ``me`` and
    ``session`` are the SQL of the caller's id and session. For ``rows_of``.
    """
    direction = "ASC" if backward else "DESC"
    return _STATEMENT.strip().format(
        account=compiled_sql(tokens.auth_version_of, [me, session]),
        listed=listed,
        order=", ".join(f"listed.{key} {direction}" for key in keys),
    )


def rows_of(statement: str, values: Sequence[Any], caller: Caller) -> list[Row]:
    """Return the rows of a statement ``with_account``, without the account, which is compared.

    One query; one more from a replica where the account is not cached. Raises ``NotOnFastPath`` if
    the account does not confirm the token.
    """
    alias = read_alias()
    if alias != DEFAULT_DB_ALIAS:
        # A replica may lag behind a suspension or a new password.
        require_account(caller)
    rows = fetch_prepared(alias, statement, values)
    if rows[0][0] != caller.version:
        raise NotOnFastPath
    return [row[1:] for row in rows if row[1] is not None]
