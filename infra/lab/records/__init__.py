"""Records of runs: the schema, the files, and the choice among them."""

from infra.lab.records.schema import (
    SCHEMA,
    Bytes,
    CacheKind,
    Configuration,
    Database,
    Drill,
    Generator,
    Group,
    Kind,
    Load,
    Machine,
    Operation,
    Record,
    Round,
    Step,
)

__all__ = [
    "SCHEMA",
    "Bytes",
    "CacheKind",
    "Configuration",
    "Database",
    "Drill",
    "Generator",
    "Group",
    "Kind",
    "Load",
    "Machine",
    "Operation",
    "Record",
    "Round",
    "Step",
]
