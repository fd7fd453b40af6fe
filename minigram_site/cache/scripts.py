"""The Lua scripts of the cache, read once when this module is imported.

Each file in ``lua/`` says which keys and arguments it takes and what it returns.
"""

from __future__ import annotations

from pathlib import Path

from minigram_site.redis.script import Script

# Characters of a token, which stands first in the value of a dependency's key.
TOKEN_LENGTH = 16
# Changes that the log of changes keeps at least, and that are looked through in it at most.
LOGGED_CHANGES = 256
# A change of more keys is logged as one of everything.
LOGGED_KEYS = 100

_LUA = Path(__file__).parent / "lua"
_CLOCK, _PENDING, _LOG = _LUA / "clock.lua", _LUA / "pending.lua", _LUA / "change_log.lua"

BEGIN_CHANGE = Script(_CLOCK, _PENDING, _LUA / "begin_change.lua")
END_CHANGE = Script(
    _CLOCK,
    _PENDING,
    _LOG,
    _LUA / "end_change.lua",
    LOGGED_CHANGES=LOGGED_CHANGES,
    LOGGED_KEYS=LOGGED_KEYS,
)
CAPTURE_TOKENS = Script(_CLOCK, _LUA / "capture_tokens.lua")
MAKE_LAST_CHANGE = Script(
    _CLOCK,
    _LOG,
    _LUA / "make_last_change.lua",
    LOGGED_CHANGES=LOGGED_CHANGES,
)
STORE_ENTRY = Script(_CLOCK, _LUA / "store_entry.lua")
STORE_LEAVES = Script(_LUA / "store_leaves.lua", TOKEN_LENGTH=TOKEN_LENGTH)
STORE_UNCHANGED = Script(
    _CLOCK,
    _LOG,
    _LUA / "store_unchanged.lua",
    TOKEN_LENGTH=TOKEN_LENGTH,
    LOGGED_CHANGES=LOGGED_CHANGES,
)
