"""The Lua scripts of the cache, read once when this module is imported.

Each file in ``lua/`` says which keys and arguments it takes and what it returns.
"""

from __future__ import annotations

from pathlib import Path

from minigram_site.redis.script import Script

# Characters of a token, which stands first in the value of a dependency's key.
TOKEN_LENGTH = 16

_LUA = Path(__file__).parent / "lua"
_CLOCK, _PENDING = _LUA / "clock.lua", _LUA / "pending.lua"

BEGIN_CHANGE = Script(_CLOCK, _PENDING, _LUA / "begin_change.lua")
END_CHANGE = Script(_CLOCK, _PENDING, _LUA / "end_change.lua")
CAPTURE_TOKENS = Script(_CLOCK, _LUA / "capture_tokens.lua")
LOOKUP = Script(_CLOCK, _LUA / "lookup.lua", TOKEN_LENGTH=TOKEN_LENGTH)
STORE_ENTRY = Script(_CLOCK, _LUA / "store_entry.lua")
STORE_LEAVES = Script(_LUA / "store_leaves.lua", TOKEN_LENGTH=TOKEN_LENGTH)
STORE_UNCHANGED = Script(_CLOCK, _LUA / "store_unchanged.lua", TOKEN_LENGTH=TOKEN_LENGTH)
