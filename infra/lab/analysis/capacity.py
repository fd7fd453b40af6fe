"""Growth on paper: what a number of people needs, from measured costs and stated assumptions."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from infra.lab.analysis.formatting import stable
from infra.lab.analysis.request_costs import Costs, Figure

DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What was not measured. Every field is an option of ``manage.py lab plan``."""

    requests_per_day: float = 60  # of one person
    peak: float = 4  # times the mean of the day
    photos_per_day: float = 0.1  # of one person
    photo_bytes: float = 4_500_000  # original, four sizes and a preview of a 12-megapixel JPEG
    row_bytes: float = 2_000  # of one photo in the database, with indexes, likes and feed entries
    retention_days: float = 1825  # how long photos stay
    pictures_per_request: float = 2  # pictures that a client does not have yet
    picture_bytes: float = 75_000  # a picture of 640 pixels
    cdn_share: float = 0.95  # of picture bytes that a CDN answers, once there is one
    cores: int = 8  # of one machine
    utilisation: float = 0.6  # of a machine at the peak, so that one may fail
    link_gbit: float = 10  # of one machine
    disk_tb: float = 4  # of one machine
    max_connections: int = 400  # of one PostgreSQL server
    active_share: float = 0.05  # of all people, within the life of a cache entry
    cache_bytes: float = 6_000  # of one active person: session, feed page, share of shared cards
    redis_mb: float = 16_000  # of one Redis server


MEANINGS = {
    "requests_per_day": "requests of one person a day",
    "peak": "peak over the mean of the day",
    "photos_per_day": "photos that one person publishes a day",
    "photo_bytes": "bytes of a stored photo, all sizes",
    "row_bytes": "bytes of a photo in the database, with all that hangs on it",
    "retention_days": "days that photos stay",
    "pictures_per_request": "pictures per request that the client does not have yet",
    "picture_bytes": "bytes of a picture as it is looked at",
    "cdn_share": "share of the picture bytes that a CDN answers",
    "cores": "cores of a machine",
    "utilisation": "share of a machine that is used at the peak",
    "link_gbit": "Gbit/s of a machine's link",
    "disk_tb": "TB of a machine's disk",
    "max_connections": "connections of a PostgreSQL server",
    "active_share": "share of the people active within the life of a cache entry",
    "cache_bytes": "bytes in the cache of an active person",
    "redis_mb": "MB of memory of a Redis server",
}
assert set(MEANINGS) == {field.name for field in fields(Assumptions)}  # noqa: S101 - of two tables


@dataclass(frozen=True)
class Limit:
    """Up to how many people one server of a kind suffices, and what follows beyond it."""

    name: str
    people: float
    then: str
    rate: float | None = None  # requests a second at that point, if it is those that fill it


NO_LIMIT = Limit("nothing", math.inf, "")

# What changes where one server of a kind no longer suffices.
THEN = {
    "CPU of one web machine": "more instances, which hold no state",
    "CPU of one nginx": "several of them, behind DNS or anycast",
    "CPU of one database for reads": "reads go to replicas",
    "CPU of one primary for writes": "cells that each hold a share of the people, rows spread by "
    "the time-ordered ids; feed entries and counters of a cell stay in it, and who is followed "
    "from another cell sends it one message per photo",
    "connections of one database": "a pooler between workers and databases",
    "one core of Redis": "keys spread over several Redis servers; cells bring their own",
    "memory of one Redis": "keys spread over several Redis servers; cells bring their own",
    "link of the machine that sends pictures": "a CDN before the immutable addresses of pictures",
    "disk of one machine for photos": "object storage (`MEDIA_ROOT` names a bucket)",
    "disk of one database": "cells; feed entries are trimmed and pulled again when asked for",
}


@dataclass(frozen=True)
class Need:
    """One row of the plan: what is needed, and from what it was computed."""

    name: str
    value: float | None  # None: the stage that was measured has no such server
    unit: str
    source: str


@dataclass(frozen=True)
class Plan:
    """What ``users`` people need who send ``rate`` requests a second."""

    users: int
    rate: float
    needs: tuple[Need, ...]
    passed: tuple[Limit, ...]  # limits that this many people exceed, the lowest first
    next: Limit  # the lowest limit that still holds
    cells: int

    @property
    def seconds_between(self) -> float:
        """Seconds between two requests of a person, if all people are there at the peak."""
        return self.users / self.rate

    def need(self, name: str) -> float:
        """Return the value of one row (0 where there is no such server).

        Raises ``StopIteration`` for a name that no row has.
        """
        return next(one.value or 0.0 for one in self.needs if one.name == name)


def rate_of(users: int, assumed: Assumptions) -> float:
    """Return the requests a second at the peak that the assumptions give."""
    return users * assumed.requests_per_day * assumed.peak / DAY


def plan(users: int, costs: Costs, assumed: Assumptions, rate: float | None = None) -> Plan:
    """Return what ``users`` people need who send ``rate`` requests a second (or as assumed).

    Raises ``ValueError`` for less than one person.
    """
    if users < 1:
        raise ValueError("A plan needs at least one person.")
    rate = rate_of(users, assumed) if rate is None else rate
    limits = sorted(limits_of(rate / users, costs, assumed), key=lambda one: stable(one.people))
    passed = tuple(one for one in limits if stable(one.people) < users)
    following = next((one for one in limits if stable(one.people) >= users), NO_LIMIT)
    cells = _machines(rate * costs.primary_ms.value, assumed)
    return Plan(users, rate, _needs(users, rate, costs, assumed), passed, following, cells)


def limits_of(per_person: float, costs: Costs, assumed: Assumptions) -> list[Limit]:
    """Return the limits of one server of each kind, in no order.

    ``per_person`` is the rate of requests of one person (1/s).
    """
    machine = assumed.cores * assumed.utilisation * 1000
    link = assumed.link_gbit * 1e9 / 8 * assumed.utilisation
    pictures = assumed.pictures_per_request * assumed.picture_bytes
    busy = {
        "CPU of one web machine": _over(machine, costs.web_ms.value),
        "CPU of one nginx": _over(machine, costs.nginx_ms.value),
        "CPU of one database for reads": _over(machine, costs.read_ms.value),
        "CPU of one primary for writes": _over(machine, costs.primary_ms.value),
        "connections of one database": _over(
            assumed.max_connections, _connections(1, costs, assumed)
        ),
        "one core of Redis": _over(1000 * assumed.utilisation, costs.redis_ms.value),
        "link of the machine that sends pictures": _over(link, pictures),
    }
    kept = assumed.photos_per_day * assumed.retention_days
    full = {
        "disk of one machine for photos": assumed.photo_bytes * kept,
        "disk of one database": assumed.row_bytes * kept,
        "memory of one Redis": assumed.active_share * assumed.cache_bytes,
    }
    sizes = {"memory of one Redis": assumed.redis_mb * 1e6}
    return [
        *(Limit(name, rate / per_person, THEN[name], rate) for name, rate in busy.items()),
        *(
            Limit(name, _over(sizes.get(name, assumed.disk_tb * 1e12), each), THEN[name])
            for name, each in full.items()
        ),
    ]


def _needs(users: int, rate: float, costs: Costs, assumed: Assumptions) -> tuple[Need, ...]:
    """Return the rows; each names the figures and assumptions that it comes from."""
    photos = users * assumed.photos_per_day
    kept = photos * assumed.retention_days
    pictures = rate * assumed.pictures_per_request * assumed.picture_bytes * 8 / 1e9
    memory = users * assumed.active_share * assumed.cache_bytes / 1e6
    web, nginx, primaries, replicas = (
        _machines(rate * one.value, assumed)
        for one in (costs.web_ms, costs.nginx_ms, costs.primary_ms, costs.read_ms)
    )
    replicas = max(2 * primaries, replicas)
    connections = _whole(_connections(rate, costs, assumed))
    redis = _redis(rate, memory, costs, assumed)
    entries = photos / DAY * costs.followers.value
    photo_tb, row_tb = (kept * size / 1e12 for size in (assumed.photo_bytes, assumed.row_bytes))
    answers = rate * costs.answer_bytes.value * 8 / 1e9
    room = "cores, utilisation"

    def of(cost: Figure, count: int) -> int | None:
        return count if cost.value else None

    return (
        Need("web machines", web, "", f"{costs.web_ms.key}, {room}"),
        Need(
            "nginx machines",
            nginx,
            "",
            f"{costs.nginx_ms.key}, {room}",
        ),
        Need(
            "primaries (cells)",
            primaries,
            "",
            f"{costs.primary_ms.key}, {room}",
        ),
        Need(
            "replicas",
            replicas,
            "",
            f"{costs.read_ms.key}, {room}; at least 2 a cell",
        ),
        Need("connections", connections, "", f"{costs.web_ms.key}, {costs.pool.key}, utilisation"),
        Need(
            "Redis servers",
            redis,
            "",
            f"{costs.redis_ms.key} on one core each, redis_mb",
        ),
        Need("cache memory", memory, "MB", "active_share, cache_bytes"),
        Need("photos a day", photos, "", "photos_per_day"),
        Need("feed entries a second", entries, "", f"photos_per_day, {costs.followers.key}"),
        Need("photo storage", photo_tb, "TB", "photos_per_day, photo_bytes, retention_days"),
        Need("database storage", row_tb, "TB", "photos_per_day, row_bytes, retention_days; a copy"),
        Need("bandwidth of answers", answers, "Gbit/s", costs.answer_bytes.key),
        Need("bandwidth of pictures", pictures, "Gbit/s", "pictures_per_request, picture_bytes"),
        Need("pictures past a CDN", pictures * (1 - assumed.cdn_share), "Gbit/s", "cdn_share"),
    )


def _whole(value: float) -> int:
    """Return the next integer up; the last bits of a float add no machine."""
    return math.ceil(stable(value))


def _over(capacity: float, cost: float) -> float:
    return capacity / cost if cost else math.inf


def _machines(busy_ms: float, assumed: Assumptions) -> int:
    """Return how many machines do this many CPU milliseconds of work each second."""
    return max(1, _whole(busy_ms / 1000 / assumed.cores / assumed.utilisation))


def _connections(rate: float, costs: Costs, assumed: Assumptions) -> float:
    busy_cores = rate * costs.web_ms.value / 1000 / assumed.utilisation
    return busy_cores * costs.pool.value


def _redis(rate: float, memory_mb: float, costs: Costs, assumed: Assumptions) -> int:
    cores = rate * costs.redis_ms.value / 1000 / assumed.utilisation
    return max(1, _whole(cores), _whole(memory_mb / assumed.redis_mb))
