"""Cache-aside: answers kept in Redis that are checked at every hit, so that they are never wrong.

An entry holds ready bytes and the versions of all that they depend on (``minigram_site.versions``).
One script compares them with the present ones and returns the bytes in the same round trip. A
cached answer is therefore as true as the database at that moment, whatever its age; its age only
says when it is made anew:

- fresh: returned;
- older than ``soft`` seconds: one client makes it anew, the others get the old one;
- not there, or no longer true: one makes it, the others wait a little, then ask the database.

Without Redis, or while it may not be believed (``minigram_site.trust``), every function goes
straight to the database. Beside entries there are leaves: small values that stand in their own
version's key (counts), which change often and are put into an answer when it is read.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from minigram_site import counters, current, redis_server, replicas, routers, trust, versions
from minigram_site.redis_server import Unreachable
from minigram_site.trust import Reading
from minigram_site.versions import TOKEN, Script, key_of

# Part of every entry's key: another form of an entry gets another number.
FORM = 1
# Seconds: how long others wait for the one who makes an entry, and how often they look.
PATIENCE = 0.15
GLANCE = 0.01
# Milliseconds after which the one who makes an entry is believed to be dead.
LOCKED = 3000
JITTER = 0.1
# More than any position: only the primary has replayed that far.
_PRIMARY_ONLY = 2**62

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
        """Count one look: hit, stale, miss, rebuild, wait, bypass (not believed) or error."""
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
# sliding, how long leaves live; then token and value of each leaf. An empty entry keeps leaves only.
_KEEP = Script(f"""
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


class Fill:
    """What is noted while an answer is made from the database, so that it can be kept.

    ``depends`` comes before the SQL that reads the things; afterwards ``keep``.
    """

    def __init__(self, reading: Reading | None) -> None:
        """Begin; without a reading nothing will be kept, and nothing costs anything."""
        self.reading = reading
        self.versions: dict[str, bytes] = {}

    def depends(self, *names: str) -> None:
        """Note the versions of these things, leaves included, and read where they are known.

        One round trip.
        """
        if self.reading is None:
            return
        try:
            found = versions.capture(self.reading.generation, names)
        except Unreachable:
            self.reading = None
            return
        self.versions.update(zip(names, found, strict=True))
        for version in found:
            if not versions.is_pending(version):
                position = versions.position_of(version, self.reading)
                routers.require(_PRIMARY_ONLY if position is None else position)
        if _reads_are_behind():
            self.reading = None

    def keep(
        self, kind: Kind, key: str, body: bytes, needs: Iterable[str],
        leaves: Sequence[str] = (), values: Mapping[str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """Keep an answer that depends on ``needs`` and shows ``leaves``; ``values`` are leaves'.

        Not if one of them was changing when it was noted. One round trip.
        """
        needs = list(needs)
        if not self._holds(needs):
            return
        assert self.reading is not None  # noqa: S101
        generation = self.reading.generation
        slide = _spread(kind.hard)
        self._send(
            entry_key(generation, kind, key),
            [
                orjson.dumps([key_of(generation, name) for name in needs]),
                b"".join(self.versions[name][:TOKEN] for name in needs),
                orjson.dumps([key_of(generation, name) for name in leaves]) if leaves else b"",
                body,
                _spread(kind.soft),
                slide,
                slide if kind.sliding else b"",
            ],
            values or {},
        )

    def keep_leaves(self, values: Mapping[str, bytes]) -> None:
        """Keep the values of leaves that were noted. One round trip."""
        if self._holds(()) and values:
            self._send("-", [b""] * 7, values)

    def _holds(self, needs: Iterable[str]) -> bool:
        if self.reading is None or not self.reading.usable():
            return False
        return not any(versions.is_pending(self.versions[name]) for name in needs)

    def _send(self, key: str, arguments: list[Any], values: Mapping[str, bytes]) -> None:
        assert self.reading is not None  # noqa: S101
        noted = {n: v for n, v in values.items() if not versions.is_pending(self.versions[n])}
        keys = [key, *(key_of(self.reading.generation, name) for name in noted)]
        for name, value in noted.items():
            arguments += [self.versions[name][:TOKEN], value]
        arguments.insert(7, _spread(60))
        try:
            _KEEP(keys, *arguments)
        except Unreachable:
            self.reading = None


Build = Callable[[Fill], bytes | None]


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


def read(kind: Kind, key: str, build: Build) -> Found:
    """Return the answer for ``key``: kept, or what ``build`` returns (and keeps, by its fill).

    A hit is one round trip. What was just built comes without leaves: ``build`` knows them.
    """
    reading = usable()
    if reading is None:
        return _build(build, None)
    found = look(reading, [(kind, key)])
    if found is None:
        kind.count("error")
        return _build(build, None)
    return settle(reading, kind, key, found[0], build)


def settle(reading: Reading, kind: Kind, key: str, found: Found, build: Build) -> Found:
    """Return ``found`` if it is good enough, else see to it that one client makes it anew."""
    if found.state == HIT:
        kind.count("hit")
        return found
    if _lock(reading, kind, key):
        kind.count("rebuild" if found.state == STALE else "miss")
        try:
            return _build(build, reading)
        finally:
            _unlock(reading, kind, key)
    if found.state == STALE:
        kind.count("stale")
        return found
    waited = _wait(reading, kind, key)
    kind.count("wait" if waited else "miss")
    return waited or _build(build, reading)


def _build(build: Build, reading: Reading | None) -> Found:
    body = build(Fill(reading))
    return Found(MISS) if body is None else Found(MISS, body)


def _lock(reading: Reading, kind: Kind, key: str) -> bool:
    """Tell whether it is this client who makes the entry."""
    lock = entry_key(reading.generation, kind, key) + ":lock"
    try:
        return redis_server.call("SET", lock, "1", "NX", "PX", LOCKED) is not None
    except Unreachable:
        return True


def _unlock(reading: Reading, kind: Kind, key: str) -> None:
    with contextlib.suppress(Unreachable):
        redis_server.call("DEL", entry_key(reading.generation, kind, key) + ":lock")


def _wait(reading: Reading, kind: Kind, key: str) -> Found | None:
    """Return what another client has made meanwhile, if it did so soon."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(GLANCE)
        found = look(reading, [(kind, key)])
        if found is None:
            return None
        if found[0].state != MISS:
            return found[0]
    return None


def _reads_are_behind() -> bool:
    """Tell whether reads go to a replica that is behind, as they do while the primary is gone."""
    if not settings.REPLICAS:
        return False
    alias = routers.read_alias()
    if alias == routers.PRIMARY:
        return False
    return replicas.watch().standing.servers[alias].position < current.work().position


def _spread(seconds: float) -> int:
    """Return the time in milliseconds, up to 10 % more or less."""
    return int(seconds * 1000 * random.uniform(1 - JITTER, 1 + JITTER))
