"""Which records fill the chapter of a stage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from infra.lab.records import Drill, Record, RecordKind, Step
from infra.lab.records.selection import of_kind, of_usual_mix, repeats


@dataclass(frozen=True)
class Stage:
    """The records of one stage; runs that count stand before void ones, newer before older."""

    number: int
    records: tuple[Record, ...]

    @cached_property
    def mixes(self) -> tuple[Record, ...]:
        """Runs of the mix that repeat the newest."""
        return self._repeats("mix")

    @cached_property
    def mix(self) -> Record | None:
        """The newest run of the mix."""
        return self.mixes[-1] if self.mixes else None

    @cached_property
    def journey(self) -> Record | None:
        """The newest run of the nine operations."""
        found = self._repeats("journey")
        return found[-1] if found else None

    @cached_property
    def all_reads(self) -> tuple[Record, ...]:
        """Runs of reads only that repeat the newest."""
        return self._repeats("reads")

    @cached_property
    def reads(self) -> Record | None:
        """The newest run of reads only."""
        return self.all_reads[-1] if self.all_reads else None

    @cached_property
    def moderate(self) -> Record | None:
        """The newest run under moderate load."""
        found = self._repeats("moderate")
        return found[-1] if found else None

    @cached_property
    def main(self) -> Record | None:
        """The run whose figures stand for the stage."""
        return self.mix or self.journey or self.reads

    @cached_property
    def breaking(self) -> Record | None:
        """The newest search for the breaking point."""
        return self._newest("breaking")

    @cached_property
    def ceiling(self) -> Record | None:
        """The newest measurement of raw ceilings."""
        return self._newest("ceiling")

    @cached_property
    def drills(self) -> tuple[tuple[Drill, Record], ...]:
        """The newest drill of each fault, with its record."""
        found: dict[str, tuple[Drill, Record]] = {}
        for record in of_kind(self.records, "drill"):
            found |= {drill.fault: (drill, record) for drill in record.drills}
        return tuple(found.values())

    @cached_property
    def users(self) -> int | None:
        """Most people at once who were served well: 99 % success, p95 of half a second."""
        held = [step.users for step in self.held]
        return max(held) if held else None

    @property
    def held(self) -> list[Step]:
        """Steps before the breaking point, and none after it."""
        found: list[Step] = []
        for step in self.breaking.steps if self.breaking else ():
            if step.broken:
                break
            found.append(step)
        return found

    @cached_property
    def runs(self) -> tuple[Record, ...]:
        """Every stress run, void ones too, oldest first."""
        return tuple(of_kind(self.records, "stress", void=True))

    def _repeats(self, profile: str) -> tuple[Record, ...]:
        usual = of_usual_mix(self.records)
        sound = of_kind(usual, "stress", profile)
        return repeats(sound or of_kind(usual, "stress", profile, void=True))

    def _newest(self, kind: RecordKind) -> Record | None:
        usual = of_usual_mix(self.records)
        found = of_kind(usual, kind) or of_kind(usual, kind, void=True)
        return found[-1] if found else None


def stages(records: list[Record]) -> tuple[Stage, ...]:
    """Return the records of each of the five stages, also of one that has none."""
    return tuple(
        Stage(number, tuple(record for record in records if record.stage == number))
        for number in range(1, 6)
    )
