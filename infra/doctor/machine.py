"""The machine of a site: folders and who may read them, disks, static files, clock, backups."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone

from infra.backup import last
from infra.doctor.findings import Findings

LOW_SHARE, LOW_BYTES, NO_BYTES = 0.1, 2 * 1024**3, 200 * 1024**2
MOST_HOURS = 48
FEW_NAMES = 0.02  # of the files that a disk can hold
OTHERS = 0o007


def folders(found: Findings) -> None:
    """Check the data and media folders: that the site alone can use them, and that they have room.

    Media in a bucket have no folder here; their storage is looked at as one of the servers.
    """
    places = {"DATA_DIR": Path(settings.DATA_DIR)}
    if "LocalStorage" in settings.STORAGES["default"]["BACKEND"]:
        places["MEDIA_ROOT"] = Path(settings.MEDIA_ROOT)
    for name, place in places.items():
        advice = f"Let the user of the site write to {name}."
        with found.checking("folders", f"{name} writable", advice) as look:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"x")
            look.detail = f"{place.stat().st_mode & 0o777:o}"
        if found.rows[-1].state == "ok":
            room(found, name, place)
    room(found, "temporary", Path(tempfile.gettempdir()))
    permissions(found, places["DATA_DIR"])


def room(found: Findings, name: str, place: Path) -> None:
    """Check how many bytes and how many further files the disk of a folder can take."""
    disk, names = shutil.disk_usage(place), os.statvfs(place)
    detail = f"{disk.free / 1024**3:.1f} GiB free of {disk.total / 1024**3:.1f}"
    advice = "Make room, or move it to a larger disk."
    few = names.f_files and names.f_favail < FEW_NAMES * names.f_files
    if disk.free < NO_BYTES:
        found.fail("folders", f"{name} disk", detail, advice)
    elif disk.free < min(LOW_BYTES, LOW_SHARE * disk.total):
        found.warn("folders", f"{name} disk", detail, advice)
    elif few:
        found.warn("folders", f"{name} disk", f"{names.f_favail} more files (inodes)", advice)
    else:
        found.ok("folders", f"{name} disk", detail)


def permissions(found: Findings, data: Path) -> None:
    """Check that other users of the machine cannot read the data, and that we are its owner."""
    status = data.stat()
    if status.st_mode & OTHERS:
        advice = f"chmod o= {data}: the database holds what people keep private."
        found.warn("folders", "DATA_DIR closed", f"open to all users ({status.st_mode:o})", advice)
    else:
        found.ok("folders", "DATA_DIR closed", "to other users")
    if status.st_uid != os.geteuid():
        owner = _name_of(status.st_uid)
        advice = f"Run commands as {owner}: files that you make the site could not write."
        found.warn("folders", "user", f"you are {_name_of(os.geteuid())}", advice)


def _name_of(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def static_files(found: Findings) -> None:
    """Check that static files are collected, readable, and no older than their sources."""
    uncollected = getattr(staticfiles_storage, "uncollected", None)
    if uncollected is None:
        found.ok("static", "collected", "not needed with DEBUG=true")
        return
    advice = "Run: manage.py collectstatic --no-input, then restart the site."
    if missing := uncollected():
        detail = f"{len(missing)} are missing, {missing[0]} first: pages that load one fail"
        found.fail("static", "collected", detail, advice)
        return
    root = Path(settings.STATIC_ROOT)
    names = list(getattr(staticfiles_storage, "hashed_files", {}).values())
    gone = [name for name in names if not (root / name).exists()]
    manifest = root / "staticfiles.json"
    if gone:
        detail = f"{len(gone)} files are gone from {root}, {gone[0]} first"
        found.fail("static", "collected", detail, advice)
    elif manifest.exists() and manifest.stat().st_mtime < _newest_source():
        found.warn("static", "collected", "before a source was changed: pages look old", advice)
    else:
        found.ok("static", "collected", f"{len(names)} files")


def _newest_source() -> float:
    files = [file for folder in settings.STATICFILES_DIRS for file in Path(folder).rglob("*.*")]
    return max((file.stat().st_mtime for file in files), default=0.0)


def clock(found: Findings) -> None:
    """Check that the clock is set by NTP, where systemd can tell."""
    command = shutil.which("timedatectl")
    if command is None:
        return
    asked = subprocess.run(  # noqa: S603 - systemd's program, by its full path
        [command, "show", "--property=NTPSynchronized", "--value"],
        check=False,
        capture_output=True,
        text=True,
        timeout=10,
    )
    if asked.stdout.strip() == "no":
        advice = "Install systemd-timesyncd or chrony; one-time passwords need the right time."
        found.warn("clock", "NTP", "not synchronized", advice)
    elif asked.stdout.strip() == "yes":
        found.ok("clock", "NTP", "synchronized")


def backups(found: Findings) -> None:
    """Check that a backup was made from this data folder, and not long ago."""
    made_at = last.made_at()
    advice = "Run manage.py backup DESTINATION daily (minigram-backup.timer), to another machine."
    if made_at is None:
        found.warn("backups", "last", "none was made", advice)
        return
    hours = int((timezone.now() - made_at).total_seconds() // 3600)
    if hours > MOST_HOURS:
        found.warn("backups", "last", f"{hours // 24} days ago", advice)
    else:
        found.ok("backups", "last", f"{hours} hours ago")
