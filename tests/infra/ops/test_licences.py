"""Each licence of what is installed is on a list, and ``manage.py licences`` shows all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from infra.ops import licences
from infra.ops.licences import ACCEPTED, EXCEPTIONS, LIBRARIES, Component, installed, licence_of
from infra.project import PROJECT

ISC = "License :: OSI Approved :: ISC License (ISCL)"


def wheel(folder: Path, *, metadata: str = "", files: tuple[str, ...] = ()) -> Distribution:
    """Return a distribution "sample" 1.0 with these lines of metadata and these files."""
    info = folder / "sample-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: sample\nVersion: 1.0\n{metadata}")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    return Distribution.at(info)


def test_all_that_is_installed_is_under_an_accepted_licence() -> None:
    found = installed()
    assert {"Django", "pillow", "psycopg"} <= {one.name for one in found}
    assert [one for one in found if not one.is_accepted] == []


def test_each_accepted_licence_has_its_reason() -> None:
    assert all(len(reason) > 20 for reason in (*ACCEPTED.values(), *EXCEPTIONS.values()))
    assert not any("GPL" in name and "LGPL" not in name and "WITH" not in name for name in ACCEPTED)


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND SSPL-1.0", ""])
def test_another_licence_is_refused(licence: str) -> None:
    assert not Component("sample", "1.0", licence).is_accepted
    assert Component("sample", "1.0", "MIT AND (Apache-2.0 OR BSD-3-Clause)").is_accepted


def test_an_exception_holds_for_one_library_in_one_wheel() -> None:
    (inside, name, licence), *_ = EXCEPTIONS
    assert Component(name, "1", licence, inside).is_accepted
    assert not Component(name, "1", licence, "another_wheel").is_accepted
    assert not Component("libother", "1", licence, inside).is_accepted


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT\nLicense: GPL\n", "MIT"),
        ("License: Apache License 2.0\n", "Apache-2.0"),
        ("License: GPL-3.0-only\n", "GPL-3.0-only"),
        (f"License: {'words of a licence ' * 9}\n", ""),
        ("Classifier: License :: OSI Approved :: BSD License\n", "BSD"),
        (f"License: UNKNOWN\nClassifier: {ISC}\n", "ISC"),
        ("", ""),
    ],
)
def test_a_licence_is_what_the_metadata_says(tmp_path: Path, metadata: str, licence: str) -> None:
    assert licence_of(wheel(tmp_path, metadata=metadata)) == licence


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("sample.libs/libheif-e72ea93c.so.1.23.6", "libheif", "1.23.6"),
        ("sample.libs/libgfortran-040039e1-0352e75f.so.5.0.0", "libgfortran", "5.0.0"),
        ("sample.libs/libscipy_openblas64_-32a4b2a6.so", "libscipy_openblas64_", ""),
        ("sample/.dylibs/libwebp.7.dylib", "libwebp", "7"),
    ],
)
def test_shared_libraries_of_a_wheel_are_listed(
    tmp_path: Path, file: str, name: str, version: str
) -> None:
    found = installed([wheel(tmp_path, metadata="License: MIT\n", files=(file, "sample/a.py"))])
    assert Component(name, version, LIBRARIES[name], "sample") in found
    assert len(found) == 2


def test_a_shared_library_that_nobody_has_looked_at_is_refused(tmp_path: Path) -> None:
    found = installed([wheel(tmp_path, files=("sample.libs/libnew-12345678.so.1",))])
    assert Component("libnew", "1", "", "sample") in found
    assert not found[0].is_accepted


def test_the_command_lists_packages_and_what_their_wheels_bring(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("licences")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["name", "version", "licence", "inside", "of"] in rows
    assert ["libx265", "GPL-2.0-or-later", "pillow_heif"] in [[*row[:1], *row[2:]] for row in rows]
    assert any(row[:1] == ["Django"] and row[2:] == ["BSD-3-Clause"] for row in rows)


def test_the_command_fails_and_names_what_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(licences.ACCEPTED, "LGPL-3.0-only")
    with pytest.raises(CommandError, match=r"psycopg \(LGPL-3\.0-only\)"):
        call_command("licences")


def test_the_bill_of_materials_has_what_is_locked_with_versions_and_hashes(tmp_path: Path) -> None:
    lock, bill = PROJECT / "requirements/run.txt", tmp_path / "sbom.json"
    program = Path(sys.executable).with_name("cyclonedx-py")
    command = [str(program), "requirements", str(lock), "--output-file", str(bill)]
    subprocess.run(command, check=True, capture_output=True)
    listed = json.loads(bill.read_text())["components"]
    locked = re.findall(r"^([\w.-]+)(?:\[\S+\])?==([\w.]+)", lock.read_text(), re.MULTILINE)
    assert sorted((each["name"], each["version"]) for each in listed) == sorted(locked)
    hashes = [file.get("hashes") for each in listed for file in each["externalReferences"]]
    assert hashes
    assert all(hashes)
