"""The files of a site on a host: variables, units of systemd, nginx's part, certbot's hook."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping

from infra.ops.render_config import render
from infra.project import PROJECT
from infra.setup import env_file
from infra.setup.answers import NO_BACKUP
from infra.setup.files import Wanted, text_of
from infra.setup.layout import Layout

GROUP = "minigram"
SOURCES = PROJECT / "infra"
# Of nginx's files those that the site's part needs, in a folder of their own.
_PARTS = ("http", "server", "tls", "site", "proxy", "read", "errors")
SITE = SOURCES / "nginx/beside/minigram.conf"
_INCLUDE = re.compile(r"\binclude ([\w*-]+\.conf);")
OWN_BACKUP_FOLDER = "/var/backups/minigram"
HOOK = """#!/bin/sh
# certbot runs this after it has renewed a certificate: nginx goes on with the new one.
exec systemctl reload nginx
"""


def wanted(
    layout: Layout, site: Mapping[str, str], servers: Mapping[str, str], backup: str, nginx: str
) -> list[Wanted]:
    """Return all files of a site.

    ``site`` and ``servers`` are the values of their variables, ``nginx`` the version of the nginx
    that is there. Raises ``SetupError`` for a value that a file cannot hold.
    """
    return [
        *variables(layout, site, servers, backup),
        *units(layout, backup),
        *nginx_files(layout, site, servers, nginx),
        Wanted(layout.deploy_hook, HOOK, mode=0o755),
    ]


def variables(
    layout: Layout, site: Mapping[str, str], servers: Mapping[str, str], backup: str
) -> list[Wanted]:
    """Return the files of variables: what an owner has added to them stays."""
    group = GROUP if layout.is_host else ""
    given = [
        (layout.site_env, site, 0o640, group),
        (layout.servers_env, servers, 0o600, ""),
    ]
    if backup != NO_BACKUP:
        given.append((layout.backup_env, {"BACKUP": backup}, 0o640, group))
    return [
        Wanted(path, env_file.merged(text_of(path), values), mode, owner, shared=True)
        for path, values, mode, owner in given
    ]


def units(layout: Layout, backup: str) -> list[Wanted]:
    """Return systemd's units, with the folders of this host, and where a backup may write."""
    found = [
        Wanted(layout.units / source.name, _placed(source.read_text(), layout))
        for source in sorted((SOURCES / "systemd").iterdir())
    ]
    folder = backup.split(" ", 1)[0]
    if folder.startswith("/") and folder != OWN_BACKUP_FOLDER:
        path = layout.units / "minigram-backup.service.d" / "folder.conf"
        found.append(Wanted(path, f"[Service]\nReadWritePaths=-{folder}\n"))
    return found


def nginx_files(
    layout: Layout, site: Mapping[str, str], servers: Mapping[str, str], version: str
) -> list[Wanted]:
    """Return the site's part of nginx: a folder of its own, and one file among the other sites."""
    folder = layout.nginx / "minigram"
    values = {**servers, **listen_lines(version), "SERVER_NAMES": names(site)}
    sources = {folder / f"{name}.conf": SOURCES / "nginx" / f"{name}.conf" for name in _PARTS}
    sources[layout.nginx / "sites-available/minigram"] = SITE
    return [
        Wanted(path, _INCLUDE.sub(rf"include {folder}/\1;", render(source, values)))
        for path, source in sources.items()
    ]


def names(site: Mapping[str, str]) -> str:
    """Return the names that nginx knows the site by, separated by spaces."""
    domain = site["SITE_URL"].partition("://")[2]
    others = [name.strip() for name in site.get("ALLOWED_HOSTS", "").split(",")]
    return " ".join([domain, *(name for name in others if name and name != "*")])


def listen_lines(version: str) -> dict[str, str]:
    """Return where the two servers listen, as this version of nginx (``1.22.1``) says HTTP/2.

    Where the machine knows no IPv6, nginx would not start with addresses of it.
    """
    addresses = ["", "[::]:"] if _has_ipv6() else [""]
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    has_directive = numbers >= (1, 25, 1)
    option = "" if has_directive else " http2"
    plain = [f"listen {address}80;" for address in addresses]
    secure = [f"listen {address}443 ssl{option};" for address in addresses]
    if has_directive:
        secure.append("http2 on;")
    return {"HTTP_LISTEN": "\n    ".join(plain), "HTTPS_LISTEN": "\n    ".join(secure)}


def _has_ipv6() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def _placed(text: str, layout: Layout) -> str:
    """Return a unit's text with the folders of this checkout and of this site."""
    folders = {
        "/srv/minigram": PROJECT,
        "/etc/minigram": layout.configuration,
        "/run/minigram": layout.sockets,
    }
    for named, folder in folders.items():
        text = text.replace(named, str(folder))
    return text
