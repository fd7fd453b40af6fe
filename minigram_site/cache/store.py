"""Entries and leaves in Redis: how they are written and looked at, one script each.

See ``minigram_site.cache.read_through`` for what they are.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from minigram_site import counters
from minigram_site.cache.invalidation import (
    TOKEN_LENGTH,
    TOKEN_TTL_MS,
    Script,
    new_token,
    redis_key,
)
from minigram_site.cache.lease import Lease
from minigram_site.redis import client
from minigram_site.redis.client import Unreachable

# Part of every entry's key: another form of entries gets another number.
FORMAT = 1
JITTER = 0.1

# Milliseconds after which the one who makes an entry is believed to be dead.
LOCK_MS = 3000

MISS, HIT, STALE = 0, 1, 2


@dataclass(frozen=True)
class Region:
    """A region of data. Seconds: fresh for ``soft``, kept for ``hard``; times vary by 10 %.

    ``sliding`` keeps an entry for ``hard`` seconds after its last use, while ``soft`` goes on
    counting from when it was made.
    """

    name: str
    soft_ttl: float = 60
    hard_ttl: float = 300
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


class Entry(NamedTuple):
    """What Redis held for a key, and the leaves that belong to it (``None`` where one is gone).

    ``versions`` are those of the leaves that are gone, by their place, if they were claimed.
    """

    state: int
    body: bytes = b""
    leaves: Sequence[bytes | None] = ()
    versions: Mapping[int, bytes] = MappingProxyType({})


class Claim(NamedTuple):
    """What ``claim`` found, and whether it is this client who makes the last entry (anew).

    Then it holds the entry's lock, and ``versions`` of what was named to it.
    """

    lease: Lease
    found: list[Entry]
    locked: bool
    names: Sequence[str]
    versions: Sequence[bytes]


# Keys: entries, leaves, and for ``claim`` a lock and names. Arguments: how many entries, how many
# leaves; for ``claim`` a new token, how long to remember versions, how long the lock holds.
# Returns a list per entry (state, bytes, its leaves), and one of the leaves asked for. For
# ``claim`` a leaf that is not known is a list of its version; and last comes what was claimed:
# nothing, or the versions of the names. Versions that are missing are made.
_LOOK = Script(f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local claims = #ARGV > 2
local function version(key, value)
  if value then return value end
  value = ARGV[3] .. string.format(':t%.0f', now)
  redis.call('SET', key, value, 'PX', ARGV[4])
  return value
end
local function leaves(keys, first, last, out)
  if last < first then return end
  for i, value in ipairs(redis.call('MGET', unpack(keys, first, last))) do
    local gap = value and string.find(value, ' ', {TOKEN_LENGTH + 1}, true)
    if gap then out[#out + 1] = string.sub(value, gap + 1)
    else out[#out + 1] = claims and {{version(keys[first + i - 1], value)}} end
  end
end
local answer, count, asked = {{}}, tonumber(ARGV[1]), {{}}
local last, known = count + ARGV[2], true
for i = 1, count do
  local entry = redis.call('HMGET', KEYS[i], 'd', 'v', 's', 'c', 'x', 'b')
  local state = 0
  if entry[1] then
    local tokens = redis.call('MGET', unpack(cjson.decode(entry[1])))
    for j, value in ipairs(tokens) do
      tokens[j] = value and string.sub(value, 1, {TOKEN_LENGTH}) or ''
    end
    if table.concat(tokens) == entry[2] then
      state = now < tonumber(entry[3]) and 1 or 2
    end
  end
  if state == 0 then answer[i] = {{0}}
  else
    local found = {{state, entry[6]}}
    if entry[4] ~= '' then
      local shown = cjson.decode(entry[4])
      leaves(shown, 1, #shown, found)
    end
    if entry[5] ~= '' then redis.call('PEXPIRE', KEYS[i], entry[5]) end
    answer[i] = found
  end
  known = known and (state == 1 or i == count)
end
leaves(KEYS, count + 1, last, asked)
answer[count + 1] = asked
if claims then
  local versions = {{}}
  if #KEYS > last and known and answer[count][1] ~= 1
      and redis.call('SET', KEYS[last + 1], '1', 'NX', 'PX', ARGV[5]) then
    versions[1] = 1
    for i = last + 2, #KEYS do
      versions[#versions + 1] = version(KEYS[i], redis.call('GET', KEYS[i]))
    end
  end
  answer[count + 2] = versions
end
return answer
""")

# Keys: the entry, then leaves. Arguments: dependencies, tokens, leaves, bytes, soft, hard,
# sliding, how long leaves live; then token and value of each leaf. Without dependencies it keeps
# leaves only.
STORE = Script(f"""
if ARGV[1] ~= '' then
  local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
  redis.call('HSET', KEYS[1], 'd', ARGV[1], 'v', ARGV[2], 'c', ARGV[3], 'b', ARGV[4],
    's', string.format('%.0f', now + ARGV[5]), 'x', ARGV[7])
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
for i = 2, #KEYS do
  local value, token = redis.call('GET', KEYS[i]), ARGV[5 + 2 * i]
  if value and string.sub(value, 1, {TOKEN_LENGTH}) == token then
    local head = string.match(value, '^[^ ]+')
    redis.call('SET', KEYS[i], head .. ' ' .. ARGV[6 + 2 * i], 'PX', ARGV[8])
  end
end
""")


def entry_key(generation: str, region: Region, key: str) -> str:
    """Return the key of an entry in Redis."""
    return f"mg:{generation}:{FORMAT}:{region.name}:{key}"


def lookup(
    lease: Lease, entries: Sequence[tuple[Region, str]], leaves: Sequence[str] = ()
) -> list[Entry] | None:
    """Return what is true of these entries, and last what these leaves hold. One round trip.

    ``None`` if Redis does not answer, or may no longer be believed.
    """
    answer = _asked(lease, _keys(lease, entries, leaves), len(entries), len(leaves))
    return answer and _found(answer)


def claim(
    lease: Lease,
    entries: Sequence[tuple[Region, str]],
    leaves: Sequence[str] = (),
    needs: Sequence[str] | None = None,
) -> Claim | None:
    """Return the same, and with it all that is needed to go on without what is missing.

    That is the versions of leaves that are gone; and, if ``needs`` are given and the last entry
    is missing or old while the others are there, its lock, unless somebody holds it, with the
    versions of ``needs``, on which it will depend. One round trip; ``None`` as above.
    """
    keys = _keys(lease, entries, leaves)
    if needs is not None:
        keys.append(lock_key(lease, *entries[-1]))
        keys += [redis_key(lease.generation, name) for name in needs]
    limits = (new_token(), TOKEN_TTL_MS, LOCK_MS)
    answer = _asked(lease, keys, len(entries), len(leaves), *limits)
    if answer is None:
        return None
    *answer, versions = answer
    return Claim(lease, _found(answer), bool(versions), needs or (), versions[1:])


def lock_key(lease: Lease, region: Region, key: str) -> str:
    """Return the name of the lock of an entry, which is never that of an entry."""
    return "lock:" + entry_key(lease.generation, region, key)


def acquire_lock(lease: Lease, region: Region, key: str) -> bool:
    """Tell whether it is this client who makes the entry. One round trip."""
    try:
        name = lock_key(lease, region, key)
        return client.call("SET", name, "1", "NX", "PX", LOCK_MS) is not None
    except Unreachable:
        return True


def release_lock(name: str) -> None:
    """Let others make the entry whose ``lock_key`` this is. No round trip."""
    with contextlib.suppress(Unreachable):
        client.send([("DEL", name)])


def _keys(lease: Lease, entries: Sequence[tuple[Region, str]], leaves: Sequence[str]) -> list[str]:
    keys = [entry_key(lease.generation, region, key) for region, key in entries]
    return keys + [redis_key(lease.generation, name) for name in leaves]


def _asked(lease: Lease, keys: Sequence[str], *arguments: str | int) -> list[Any] | None:
    try:
        answer: list[Any] = _LOOK(keys, *arguments)
    except Unreachable:
        return None
    return answer if lease.is_usable() else None


def _found(answer: Sequence[Any]) -> list[Entry]:
    *entries, asked = answer
    found = [_entry(one[0], one[1], one[2:]) if one[0] else Entry(MISS) for one in entries]
    return [*found, _entry(HIT, b"", asked)]


def _entry(state: int, body: bytes, leaves: list[Any]) -> Entry:
    versions = {place: leaf[0] for place, leaf in enumerate(leaves) if isinstance(leaf, list)}
    if not versions:
        return Entry(state, body, leaves)
    return Entry(
        state, body, [None if isinstance(leaf, list) else leaf for leaf in leaves], versions
    )


def jittered(seconds: float) -> int:
    """Return the time in milliseconds, up to 10 % more or less."""
    return int(seconds * 1000 * random.uniform(1 - JITTER, 1 + JITTER))
