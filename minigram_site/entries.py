"""Entries and leaves in Redis: how they are written and looked at, one script each.

See ``minigram_site.cached`` for what they are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minigram_site import counters, redis_server, trust
from minigram_site.redis_server import Unreachable
from minigram_site.trust import Reading
from minigram_site.versions import TOKEN, Script, key_of

# Part of every entry's key: another form of entries gets another number.
FORM = 1
JITTER = 0.1

MISS, HIT, STALE = 0, 1, 2


@dataclass(frozen=True)
class Kind:
    """A kind of data. Seconds: fresh for ``soft``, kept for ``hard``; times vary by 10 %.

    ``sliding`` keeps an entry for ``hard`` seconds after its last use, while ``soft`` goes on
    counting from when it was made.
    """

    name: str
    soft: float = 60
    hard: float = 300
    sliding: bool = False
    _counters: dict[str, Any] = field(default_factory=dict, compare=False)

    def count(self, outcome: str, number: int = 1) -> None:
        """Count a look (hit, stale or miss), or what it led to (rebuild, wait, error).

        Stale is an answer that was true, but older than ``soft``; whoever makes it anew has
        missed.
        """
        counter = self._counters.get(outcome)
        if counter is None:
            counter = counters.CACHE.labels(self.name, outcome)
            self._counters[outcome] = counter
        counter.inc(number)


class Found(NamedTuple):
    """What Redis held for a key, and the leaves that belong to it (``None`` where one is gone)."""

    state: int
    body: bytes = b""
    leaves: Sequence[bytes | None] = ()


# Keys: entries, then leaves. Argument: how many entries. Returns a list per entry (state, bytes,
# its leaves), and one of the leaves asked for.
_LOOK = Script(f"""
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local function leaves(keys, first, out)
  if #keys < first then return end
  for i, value in ipairs(redis.call('MGET', unpack(keys, first))) do
    local gap = value and string.find(value, ' ', {TOKEN + 1}, true)
    out[#out + 1] = gap and string.sub(value, gap + 1) or false
  end
end
local answer, count = {{}}, tonumber(ARGV[1])
for i = 1, count do
  local entry = redis.call('HMGET', KEYS[i], 'd', 'v', 's', 'c', 'x', 'b')
  local state = 0
  if entry[1] then
    local tokens = redis.call('MGET', unpack(cjson.decode(entry[1])))
    for j, value in ipairs(tokens) do tokens[j] = value and string.sub(value, 1, {TOKEN}) or '' end
    if table.concat(tokens) == entry[2] then
      state = now < tonumber(entry[3]) and 1 or 2
    end
  end
  if state == 0 then answer[i] = {{0}}
  else
    local found = {{state, entry[6]}}
    if entry[4] ~= '' then leaves(cjson.decode(entry[4]), 1, found) end
    if entry[5] ~= '' then redis.call('PEXPIRE', KEYS[i], entry[5]) end
    answer[i] = found
  end
end
local asked = {{}}
leaves(KEYS, count + 1, asked)
answer[count + 1] = asked
return answer
""")

# Keys: the entry, then leaves. Arguments: dependencies, tokens, leaves, bytes, soft, hard,
# sliding, how long leaves live; then token and value of each leaf. Without dependencies it keeps
# leaves only.
KEEP = Script(f"""
if ARGV[1] ~= '' then
  local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
  redis.call('HSET', KEYS[1], 'd', ARGV[1], 'v', ARGV[2], 'c', ARGV[3], 'b', ARGV[4],
    's', string.format('%.0f', now + ARGV[5]), 'x', ARGV[7])
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
for i = 2, #KEYS do
  local value, token = redis.call('GET', KEYS[i]), ARGV[5 + 2 * i]
  if value and string.sub(value, 1, {TOKEN}) == token then
    local head = string.match(value, '^[^ ]+')
    redis.call('SET', KEYS[i], head .. ' ' .. ARGV[6 + 2 * i], 'PX', ARGV[8])
  end
end
""")


def entry_key(generation: str, kind: Kind, key: str) -> str:
    """Return the key of an entry in Redis."""
    return f"mg:{generation}:{FORM}:{kind.name}:{key}"


def usable() -> Reading | None:
    """Return what lets the cache be used at this moment, or ``None``: ask the database. Free."""
    return trust.usable() if redis_server.active() else None


def look(
    reading: Reading, entries: Sequence[tuple[Kind, str]], leaves: Sequence[str] = ()
) -> list[Found] | None:
    """Return what is true of these entries, and last what these leaves hold. One round trip.

    ``None`` if Redis does not answer, or may no longer be believed.
    """
    keys = [entry_key(reading.generation, kind, key) for kind, key in entries]
    keys += [key_of(reading.generation, name) for name in leaves]
    try:
        *found, asked = _LOOK(keys, len(entries))
    except Unreachable:
        return None
    if not reading.usable():
        return None
    return [
        *(Found(one[0], one[1], one[2:]) if one[0] else Found(MISS) for one in found),
        Found(HIT, b"", asked),
    ]


def spread(seconds: float) -> int:
    """Return the time in milliseconds, up to 10 % more or less."""
    return int(seconds * 1000 * random.uniform(1 - JITTER, 1 + JITTER))
