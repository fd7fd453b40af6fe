"""The databases: read/write split, replicas, read-your-writes, and SQL beside the ORM.

Apps import this face and none of the modules behind it. The engine is
``minigram_site.db.postgresql``.
"""

from minigram_site.db.compiled import compiled_sql, fetch_compiled, fetch_hot, update_compiled
from minigram_site.db.expressions import IndexProbe, RowVersion
from minigram_site.db.lsn import require_after_commit
from minigram_site.db.postgresql.notifications import Listener, can_listen, notify
from minigram_site.db.router import on_primary, primary_alias, read_alias, set_user
from minigram_site.db.statements import (
    fetch_prepared,
    hold_rows,
    insert_missing,
    insert_or_ignore,
    release_connections,
    run_prepared,
)

__all__ = [
    "IndexProbe",
    "Listener",
    "RowVersion",
    "can_listen",
    "compiled_sql",
    "fetch_compiled",
    "fetch_hot",
    "fetch_prepared",
    "hold_rows",
    "insert_missing",
    "insert_or_ignore",
    "notify",
    "on_primary",
    "primary_alias",
    "read_alias",
    "release_connections",
    "require_after_commit",
    "run_prepared",
    "set_user",
    "update_compiled",
]
