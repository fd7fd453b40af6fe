"""The databases: read/write split, replicas, read-your-writes, and SQL beside the ORM.

This is the face that apps use; what stands in the modules behind it is for this package and for
``minigram_site`` alone. The engine is ``minigram_site.db.postgresql``.
"""

from minigram_site.db.compiled import compiled_sql, fetch_compiled
from minigram_site.db.expressions import (
    IndexProbe,
    RowVersion,
    fetch_prepared,
    insert_or_ignore,
)
from minigram_site.db.lsn import require_after_commit
from minigram_site.db.router import on_primary, primary_alias, read_alias, set_user

__all__ = [
    "IndexProbe",
    "RowVersion",
    "compiled_sql",
    "fetch_compiled",
    "fetch_prepared",
    "insert_or_ignore",
    "on_primary",
    "primary_alias",
    "read_alias",
    "require_after_commit",
    "set_user",
]
