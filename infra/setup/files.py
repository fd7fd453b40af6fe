"""Files that setup keeps: what would change, shown first; what an owner has edited, left alone."""

from __future__ import annotations

import difflib
import grp
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.setup import env_file
from infra.setup.layout import Layout

SUFFIX_NEW, SUFFIX_FORMER = ".setup-new", ".orig"


@dataclass(frozen=True)
class Wanted:
    """A file as it is to be. Of a ``shared`` one the owner's lines are in the text already."""

    path: Path
    text: str
    mode: int = 0o644
    group: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Change:
    """A file that is to be written, what it holds now (``None``: it is missing), and by whom."""

    wanted: Wanted
    former: str | None
    is_edited: bool

    def lines(self) -> list[str]:
        """Return the change as a unified diff, without secrets; of a new file of ours, its name."""
        path = str(self.wanted.path)
        if self.former is None and not self.wanted.shared:
            return [f"+++ {path} (new)"]
        named = f"{path} (missing)" if self.former is None else path
        former, new = (self.former or "").splitlines(), self.wanted.text.splitlines()
        if path.endswith(".env"):
            former, new = (
                [env_file.without_secrets(line) for line in lines] for lines in (former, new)
            )
        shown = list(difflib.unified_diff(former, new, named, path, lineterm="", n=1))
        return shown or [f"--- {path}", f"+++ {path} (secrets, or mode {self.wanted.mode:o})"]


class Record:
    """What setup has written: the checksum of each file, in a file beside the configuration."""

    def __init__(self, layout: Layout) -> None:
        """Read it; without the file nothing was written."""
        self._path = layout.configuration / "setup.json"
        self._sums: dict[str, str] = json.loads(text_of(self._path) or "{}")

    def has(self, path: Path, text: str) -> bool:
        """Tell whether this text of a file is the one that setup has written."""
        return self._sums.get(str(path)) == _sum(text)

    def add(self, files: Mapping[Path, str]) -> None:
        """Remember these texts of files. Raises ``OSError``."""
        sums = self._sums | {str(path): _sum(text) for path, text in files.items()}
        if sums != self._sums:
            self._sums = sums
            replace(self._path, json.dumps(sums, indent=1, sort_keys=True) + "\n", 0o644, "")


def changes(wanted: list[Wanted], record: Record, *, overwrite: bool = False) -> list[Change]:
    """Return which of the files are not as they are to be. Raises ``OSError``.

    A file that its owner has edited since setup wrote this very text is theirs, and none of them;
    with ``overwrite`` it is.
    """
    found = []
    for each in wanted:
        former = each.path.read_text() if each.path.exists() else None
        same = former == each.text
        if same and each.path.stat().st_mode & 0o777 == each.mode:
            continue
        is_edited = not (same or each.shared or former is None or record.has(each.path, former))
        if overwrite or not (is_edited and record.has(each.path, each.text)):
            found.append(Change(each, former, is_edited))
    return found


def apply(change: Change, *, overwrite: bool) -> str:
    """Write a file, and return a sentence if an owner has something to do with it.

    One that was edited is left as it is, with what it would be beside it; with ``overwrite`` the
    former is kept beside the new one. Raises ``OSError``; then the former file is as it was.
    """
    wanted, said = change.wanted, ""
    if change.is_edited and not overwrite:
        beside = wanted.path.with_name(wanted.path.name + SUFFIX_NEW)
        replace(beside, wanted.text, wanted.mode, wanted.group)
        return (
            f"{wanted.path} is not as setup wrote it and was left so: {beside.name} beside it is "
            "what it would be. With --overwrite it is replaced, and yours kept."
        )
    if change.is_edited and change.former is not None:
        kept = wanted.path.with_name(wanted.path.name + SUFFIX_FORMER)
        replace(kept, change.former, wanted.mode, wanted.group)
        said = f"{wanted.path} was replaced; yours is {kept.name} beside it."
    replace(wanted.path, wanted.text, wanted.mode, wanted.group)
    wanted.path.with_name(wanted.path.name + SUFFIX_NEW).unlink(missing_ok=True)
    return said


def text_of(path: Path) -> str:
    """Return the text of a file; of one that is missing, none."""
    return path.read_text() if path.exists() else ""


def replace(path: Path, text: str, mode: int, group: str) -> None:
    """Write a file whole or not at all, readable by nobody else meanwhile. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if group:
            os.fchown(file.fileno(), -1, grp.getgrnam(group).gr_gid)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
