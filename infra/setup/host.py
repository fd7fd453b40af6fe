"""The host: its user, folders, services and nginx. What is as it is to be is left alone."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from infra.project import PROJECT
from infra.setup.answers import NO_BACKUP, stage_of
from infra.setup.errors import SetupError
from infra.setup.layout import Layout
from infra.setup.programs import run
from infra.setup.targets import GROUP
from infra.setup.variables import REPLICAS, WORKER

USER = "minigram"
# The units hide these folders from the site (ProtectHome=yes).
HIDDEN = {"home", "root"}
# nginx's http.conf names so many.
MOST_INSTANCES = 3
# What all processes must know of at once.
SHARED = ("DATABASE_URL", "DATABASE_REPLICA_URLS", "CACHE_URL", "SECRET_KEY")


def refuse_unable(layout: Layout) -> None:
    """Raise ``SetupError`` if this host, user or checkout cannot be set up."""
    if any(character.isspace() for character in f"{layout.root}{PROJECT}"):
        raise SetupError("Neither --root nor the folder of the checkout may have spaces.")
    if not layout.is_host:
        return
    if os.geteuid() != 0:
        raise SetupError("Run it as root: sudo .venv/bin/python manage.py setup")
    if PROJECT.parts[1] in HIDDEN:
        raise SetupError(
            f"The site could not read its code in {PROJECT}, which its units hide from it: "
            "clone it to /srv/minigram."
        )
    if shutil.which("systemctl") is None:
        raise SetupError("systemd is missing here. For containers: infra/README.md, Containers.")
    configuration = layout.nginx / "nginx.conf"
    if configuration.exists() and "sites-enabled" not in configuration.read_text():
        raise SetupError(
            f"{configuration} includes nothing of sites-enabled: put Debian's back "
            "(nginx.conf.debian beside it, if this site was set up by hand)."
        )


def prepare(layout: Layout, site: Mapping[str, str], backup: str) -> None:
    """Make the user and the folders of the site, and let nginx into its group.

    Raises ``SetupError`` if a program fails, and ``OSError``.
    """
    layout.configuration.mkdir(mode=0o755, parents=True, exist_ok=True)
    if layout.is_host:
        _make_user(layout)
    media = site["MEDIA_ROOT"]
    folders = [layout.data, *([Path(media)] if "://" not in media else [])]
    for folder in folders:
        _own_folder(folder, 0o750, layout)
    target = backup.split(" ", 1)[0]
    if backup != NO_BACKUP and target.startswith("/"):
        _own_folder(Path(target), 0o700, layout)
    if not layout.is_host:
        layout.sockets.mkdir(mode=0o750, parents=True, exist_ok=True)


def _make_user(layout: Layout) -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        home = ["--home-dir", str(layout.data), "--no-create-home"]
        shell = ["--shell", "/usr/sbin/nologin"]
        run(["useradd", "--system", "--user-group", *home, *shell, USER])
    nginx = "www-data"
    if nginx not in grp.getgrnam(GROUP).gr_mem:
        run(["usermod", "--append", "--groups", GROUP, nginx])


def _own_folder(folder: Path, mode: int, layout: Layout) -> None:
    """Make a folder of the site's user; one that is there stays as it is."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    folder.chmod(mode)
    if layout.is_host:
        shutil.chown(folder, USER, GROUP)


def units(site: Mapping[str, str], backup: str) -> list[str]:
    """Return the units of a site with these variables, in the order in which they are started."""
    stage = stage_of(site)
    instances = min(int(site.get("INSTANCES", "1")), MOST_INSTANCES)
    return [
        *(["minigram-keeper"] if stage >= REPLICAS else []),
        *(f"minigram-web@{number}" for number in range(1, instances + 1)),
        *(["minigram-worker"] if stage >= WORKER else []),
        "minigram-maintain.timer",
        *(["minigram-backup.timer"] if backup != NO_BACKUP else []),
    ]


def start_commands(
    names: Iterable[str], former: Mapping[str, str], site: Mapping[str, str]
) -> Iterator[list[str]]:
    """Yield the commands that start units, or start them anew, one after the other.

    Where processes of former and new variables must not run side by side all are stopped first.
    """
    names = list(names)
    yield ["systemctl", "daemon-reload"]
    yield ["systemctl", "enable", "--quiet", *names]
    if any(former.get(name) != site.get(name) for name in SHARED):
        yield ["systemctl", "stop", *names]
    # An instance is told of as started once it listens, so that no request is lost.
    yield from (["systemctl", "restart", name] for name in names)


def serve(layout: Layout) -> None:
    """Let nginx serve the site beside what it serves.

    Raises ``SetupError`` with nginx's words if it does not take the configuration; then it goes on
    without the site, if that was new.
    """
    is_new = not is_enabled(layout)
    if is_new:
        _link(layout).parent.mkdir(parents=True, exist_ok=True)
        _link(layout).symlink_to("../sites-available/minigram")
    if not layout.is_host:
        return
    try:
        run(["nginx", "-t"])
    except SetupError:
        if is_new:
            _link(layout).unlink()
        raise
    run(["systemctl", "enable", "--quiet", "--now", "nginx"])
    run(["systemctl", "reload", "nginx"])


def is_enabled(layout: Layout) -> bool:
    """Tell whether Debian's nginx finds the site among those that it serves."""
    return _link(layout).is_symlink() or _link(layout).exists()


def _link(layout: Layout) -> Path:
    return layout.nginx / "sites-enabled/minigram"
