"""Which records stand for a stage, and which runs a person means by a name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.lab.records import Record, RecordKind
from infra.lab.records.storage import RECORDS, RecordInvalid, load

_STAGE = re.compile(r"(?:stage)?(?P<stage>[1-5])(?:@(?P<commit>[0-9a-f]{4,40}))?")


@dataclass(frozen=True)
class Side:
    """One side of a comparison: runs that repeat each other."""

    name: str
    runs: tuple[Record, ...]


def side(name: str, records: list[Record], profile: str = "mix") -> Side:
    """Return the runs that ``name`` means; raises ``RecordInvalid`` if none fits.

    ``3`` or ``stage3``: the stress runs of the newest commit on that stage that repeat the newest
    one. ``stage3@0123abc``: those of that commit. Anything else: a file, or the name of a record.
    """
    stage = _STAGE.fullmatch(name)
    if stage:
        wanted = [
            record
            for record in records
            if record.stage == int(stage["stage"])
            and record.commit.startswith(stage["commit"] or "")
        ]
        runs = repeats(of_kind(of_usual_mix(wanted), "stress", profile))
        if not runs:
            raise RecordInvalid(f"There is no {profile} stress run of {name} that counts.")
        return Side(name, runs)
    if name.endswith(".json"):
        return Side(Path(name).stem, (load(Path(name)),))
    return Side(name, (_named(name, records),))


def measured(records: list[Record], profile: str = "mix") -> list[str]:
    """Return the names of the stages that have a stress run that counts."""
    return [f"stage{n}" for n in sorted({r.stage for r in of_kind(records, "stress", profile)})]


def _named(name: str, records: list[Record]) -> Record:
    found = [record for record in records if record.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(record.name for record in found or records) or "none yet"
    raise RecordInvalid(f"{name} is not one record. There are: {known}.")


def of_kind(
    records: Iterable[Record], kind: RecordKind, profile: str | None = None, *, void: bool = False
) -> list[Record]:
    """Return the records of a kind, oldest first; closed loops only where a profile is asked for.

    Void runs are left out unless ``void`` is true.
    """
    return [
        record
        for record in sorted(records, key=lambda one: one.started)
        if record.kind == kind
        and (profile is None or (record.load.profile, record.load.loop) == (profile, "closed"))
        and (void or not record.void)
    ]


def of_usual_mix(records: Iterable[Record]) -> list[Record]:
    """Return the records without those of the classic mix where the usual one was measured, too.

    The usual mix loads the pictures that people are shown. Whether it was measured is asked for
    each stage, kind of record, profile and loop; the order is kept.
    """
    every = list(records)
    usual = {_group(one) for one in every if one.load.pictures}
    return [one for one in every if one.load.pictures or _group(one) not in usual]


def _group(record: Record) -> tuple[object, ...]:
    return record.stage, record.kind, record.load.profile, record.load.loop


def current(records: Iterable[Record]) -> list[Record]:
    """Return the records that stand for the stages today; all others are superseded.

    Of each stage, kind of record, profile and loop these are the newest run that counts with the
    runs that repeat it, and the void runs since then; where none counts, the newest void one. Of
    drills they are the records with the newest drill of some fault. Runs of the classic mix stand
    beside those of the usual one until that is measured again. The order is kept.
    """
    groups: defaultdict[tuple[object, ...], list[Record]] = defaultdict(list)
    kept: set[str] = set()
    every = list(records)
    for record in sorted(every, key=lambda one: one.started):
        groups[_group(record)].append(record)
    for (_, kind, *_), group in groups.items():
        found = _newest_drills(group) if kind == "drill" else _of_mixes(group)
        kept |= {one.name for one in found}
    return [record for record in every if record.name in kept]


def _of_mixes(group: list[Record]) -> list[Record]:
    """Return what stands for a group, and newer runs of the classic mix."""
    usual = of_usual_mix(group)
    found = _newest(usual)
    classic = [one for one in group if one not in usual and one.started > found[0].started]
    return [*found, *(_newest(classic) if classic else [])]


def _newest(group: list[Record]) -> list[Record]:
    """Return the newest repeats of runs of one kind, oldest first, with void runs since then."""
    sound = [record for record in group if not record.void]
    found = repeats(sound or group)
    return [one for one in group if one in found or (one.void and one.started > found[0].started)]


def _newest_drills(group: list[Record]) -> list[Record]:
    """Return the drills, oldest first, that are the newest of some fault."""
    newest = {drill.fault: one for one in group if not one.void for drill in one.drills}
    return [record for record in group if any(record is one for one in newest.values())]


def prune(folder: Path = RECORDS) -> list[Path]:
    """Remove the files of superseded records and return their paths.

    Raises ``RecordInvalid``, and removes nothing, if a file of the folder is no record.
    """
    records = {path: load(path) for path in sorted(folder.glob("*.json"))}
    names = {record.name for record in current(records.values())}
    superseded = [path for path, record in records.items() if record.name not in names]
    for path in superseded:
        path.unlink()
    return superseded


def repeats(records: list[Record]) -> tuple[Record, ...]:
    """Return the newest record and all that repeat it: equal commit, load and configuration.

    The newest is last; nothing is returned for no record.
    """
    if not records:
        return ()
    newest = max(records, key=lambda one: one.started)
    return tuple(record for record in records if _same(record, newest))


def _same(one: Record, other: Record) -> bool:
    return (
        one.commit == other.commit
        and one.stage == other.stage
        and (one.load.users, one.load.profile, one.load.loop, one.load.mix)
        == (other.load.users, other.load.profile, other.load.loop, other.load.mix)
        and one.load.pictures == other.load.pictures
        and one.load.arrival_rate == other.load.arrival_rate
        and one.configuration == other.configuration
    )
