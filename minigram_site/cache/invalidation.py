"""Versions: what a cached answer depends on, and how a change makes it invalid.

Each thing that can change (a person, a photo, somebody's blocks, …) has a key in Redis:

    <token>:<position>[ <value>]

The token is 16 characters: ``V`` and a random rest. Whoever keeps an answer keeps the tokens of
all it depends on with it, taken before the database was asked; the answer is right as long as
they are still the same. A key that is missing (evicted, flushed) is no version: the answer is not
used. ``position`` says how far a replica must have replayed PostgreSQL's log to tell the truth
about the thing: a number, or ``t`` and the time of Redis at which somebody made the key who did
not know. A small thing that nothing depends on (two counts) stands in its key as ``value``.

A change marks the key twice. Before the commit it becomes

    P:<position>|<deadline>:<writer>,<deadline>:<writer>…

which equals no token: what depends on it is neither used nor kept. After the commit the writer
takes itself out, and the last one sets a new token. A writer that dies is forgotten at its
deadline; what was kept before it began stays invalid for ever.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha1
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction
from redis.exceptions import NoScriptError

from minigram_site.cache import lease
from minigram_site.db import lsn
from minigram_site.redis import client
from minigram_site.redis.client import Command, Unreachable

# Milliseconds: how long a version is remembered that nobody asks for, and how long an unfinished
# change keeps others from filling the cache.
TOKEN_TTL_MS = 3_600_000
PENDING_TTL_MS = 30_000
TOKEN_LENGTH = 16
_CHUNK = 1000

_MARKS = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local function parts(value)
  local position, list = 0, {}
  if value and string.sub(value, 1, 1) == 'P' then
    local bar = string.find(value, '|', 3, true)
    position = tonumber(string.sub(value, 3, bar - 1)) or 0
    for deadline, writer in string.gmatch(string.sub(value, bar + 1), '(%d+):([^,]+)') do
      if tonumber(deadline) > now then list[#list + 1] = {deadline, writer} end
    end
  elseif value then
    position = tonumber(string.match(value, '^[^:]+:(%d+)')) or 0
  end
  return position, list
end
local function pending(key, position, list)
  local text, last = {}, now
  for i, one in ipairs(list) do
    text[i] = one[1] .. ':' .. one[2]
    last = math.max(last, tonumber(one[1]))
  end
  redis.call('SET', key, string.format('P:%.0f|', position) .. table.concat(text, ','),
    'PX', math.max(1, last - now))
end
"""


class Script:
    """A Lua script, sent by its hash; loaded again where Redis does not know it."""

    def __init__(self, text: str) -> None:
        """Compute the hash."""
        self._text = text
        self._hash = sha1(text.encode()).hexdigest()  # noqa: S324 - Redis' name for it

    def tell(self, calls: Sequence[tuple[Sequence[str], Sequence[Any]]], *others: Command) -> None:
        """Run it several times, with these keys and arguments, then other commands.

        Nobody waits for it: no round trip. If Redis has forgotten the script, nothing is done.
        """
        commands = [(len(keys), *keys, *arguments) for keys, arguments in calls]
        name = ("EVALSHA", self._hash) if client.has_script(self._hash) else ("EVAL", self._text)
        client.send([*((*name, *one) for one in commands), *others])

    def __call__(self, keys: Sequence[str], *arguments: str | bytes | float) -> Any:
        """Run it; ``Unreachable`` if that fails. One round trip."""
        command = (len(keys), *keys, *arguments)
        try:
            return client.call("EVALSHA", self._hash, *command)
        except NoScriptError:
            return client.call("EVAL", self._text, *command)


# Arguments: writer, how long it may take.
_BEGIN = Script(
    _MARKS
    + """
for i, key in ipairs(KEYS) do
  local position, list = parts(redis.call('GET', key))
  list[#list + 1] = {string.format('%.0f', now + ARGV[2]), ARGV[1]}
  pending(key, position, list)
end
"""
)

# Arguments: writer, new token, position, how long to remember.
_END = Script(
    _MARKS
    + """
for i, key in ipairs(KEYS) do
  local position, list = parts(redis.call('GET', key))
  position = math.max(position, tonumber(ARGV[3]))
  local others = {}
  for j, one in ipairs(list) do
    if one[2] ~= ARGV[1] then others[#others + 1] = one end
  end
  if #others > 0 then pending(key, position, others)
  else redis.call('SET', key, ARGV[2] .. string.format(':%.0f', position), 'PX', ARGV[4]) end
end
"""
)

# Arguments: new token, how long to remember. Returns a list of values, missing ones made.
_CAPTURE = Script("""
local now = redis.call('TIME')
local made = ARGV[1] .. string.format(':t%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
local values = redis.call('MGET', unpack(KEYS))
for i, value in ipairs(values) do
  if not value then
    redis.call('SET', KEYS[i], made, 'PX', ARGV[2])
    values[i] = made
  end
end
return values
""")


def new_token() -> str:
    """Return a token that nobody has had."""
    return "V" + secrets.token_urlsafe(11)


def redis_key(generation: str, name: str) -> str:
    """Return the key of the thing ``name`` in Redis.

    Its form never changes: all processes of a site must mean the same, also while one release
    replaces another.
    """
    return f"mg:{generation}:{name}"


def invalidate(*names: str) -> None:
    """Say in the transaction that changes them that these things change.

    At once they are marked as changing, and after the commit as changed. If Redis cannot be told,
    the answer to this change waits until nobody believes the cache any more: then, and only then,
    it takes seconds. Two round trips for each 1,000 names; nothing without Redis.
    """
    if client.is_configured() and names:
        invalidate_many(names)


def invalidate_many(names: Iterable[str]) -> None:
    """Do the same for very many, in parts."""
    if not client.is_configured():
        return
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise transaction.TransactionManagementError("Changes are told inside a transaction.")
    remaining = iter(names)
    while part := list(islice(remaining, _CHUNK)):
        writer = secrets.token_urlsafe(8)
        told = _begin(part, writer)
        transaction.on_commit(partial(_end, part, writer, told=told))


def invalidate_all() -> None:
    """Say in a transaction that changes very much that nothing cached is right any more.

    Also without Redis in this process: a command may run beside a site that has one.
    """
    if lease.revoke():
        transaction.on_commit(lease.revoke_and_wait)


def capture_tokens(generation: str, names: Sequence[str]) -> list[bytes]:
    """Return the present versions of these things, missing ones made. One round trip."""
    keys = [redis_key(generation, name) for name in names]
    return list(_CAPTURE(keys, new_token(), TOKEN_TTL_MS)) if keys else []


def is_pending(version: bytes) -> bool:
    """Tell whether somebody is changing the thing."""
    return version[:1] == b"P"


def required_lsn(found: Iterable[bytes], reading: lease.Lease) -> int | None:
    """Return how far a replica must be to tell the truth of the things that have these versions.

    ``None``: only the primary does. A version that a reader made says when. What was committed
    before that is covered by a position which the watch has asked for after it.
    """
    furthest = reading.floor
    # Many were made together and say the same.
    for text in {
        version[TOKEN_LENGTH + 1 :].partition(b" ")[0]
        for version in found
        if not is_pending(version)
    }:
        if not text.startswith(b"t"):
            furthest = max(furthest, int(text or 0))
        elif reading.redis_time > int(text[1:]):
            furthest = max(furthest, reading.position)
        else:
            return None
    return furthest


def _begin(names: Sequence[str], writer: str) -> bool:
    """Mark as changing; tell whether the change is in order so far."""
    reading = lease.for_write()
    if reading.state == lease.OFF:
        return True
    try:
        _BEGIN([redis_key(reading.generation, name) for name in names], writer, PENDING_TTL_MS)
        if reading.run == client.run_id():
            return True
    except Unreachable:
        pass
    lease.revoke()
    return False


def _end(names: Sequence[str], writer: str, *, told: bool) -> None:
    """Mark as changed. Called after the commit: whatever fails here, the change stands."""
    if told and _finish(names, writer):
        return
    lease.revoke_and_wait()


def _finish(names: Sequence[str], writer: str) -> bool:
    try:
        position = lsn.committed_lsn()
        reading = lease.for_write()
        if reading.state == lease.OFF:
            lease.wait_until_expired(reading)
            return True
        keys = [redis_key(reading.generation, name) for name in names]
        _END(keys, writer, new_token(), position, TOKEN_TTL_MS)
    except (Unreachable, DatabaseError, InterfaceError):
        return False
    return reading.run == client.run_id()
