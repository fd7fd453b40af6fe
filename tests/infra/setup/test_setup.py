"""``manage.py setup`` makes a site in a folder that runs, and a second run changes nothing."""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.project import PROJECT, free_port
from infra.setup import env_file
from tests.infra.gunicorns import gunicorn
from tests.infra.setup.mail_server import MailServer, mail_server

DOMAIN = "photos.example.org"
PASSWORD = "correct horse battery staple"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


@dataclass(frozen=True)
class SetUp:
    """A site that was set up: its folder, what the command said, and the mails that it sent."""

    root: Path
    said: str
    mails: list[str]

    @property
    def variables(self) -> dict[str, str]:
        """The site's variables."""
        return env_file.read(self.root / "etc/minigram/site.env")


def setup(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command for a folder, with nothing of this environment."""
    command = [sys.executable, "manage.py", "setup", f"--root={root}", "--no-input", *arguments]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DJANGO_SUPERUSER_PASSWORD": PASSWORD},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def made() -> Iterator[SetUp]:
    """Set a site up in a folder whose name is short enough for sockets."""
    root = Path(tempfile.mkdtemp(prefix="minigram-setup-"))
    # What an owner has set before: nginx's folders, as this user may write them.
    servers = root / "etc/minigram/servers.env"
    servers.parent.mkdir(parents=True)
    folders = ("NGINX_RUN_DIR", "NGINX_LOG_DIR")
    servers.write_text("# Ours\n" + "".join(f"{name}={root}\n" for name in folders))
    server: MailServer
    with mail_server() as server:
        run = setup(
            root,
            f"--domain={DOMAIN}",
            f"--email-url={server.url}",
            "--admin=root",
            "--admin-email=root@example.org",
            "--registration=closed",
            f"--backup={root}/backups",
        )
        assert run.returncode == 0, run.stderr
        yield SetUp(root, run.stdout, server.mails)
    shutil.rmtree(root)


def tree(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return the mode, the time and the content of every file of the configuration and statics."""
    files = [path for path in (root / "etc").rglob("*") if path.is_file()]
    files += [root / "var/lib/minigram/static/staticfiles.json"]
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in files
    }


def administrators(root: Path) -> list[tuple[str, str]]:
    """Return the names and addresses of administrators."""
    with closing(sqlite3.connect(root / "var/lib/minigram/db.sqlite3")) as database:
        rows = database.execute("SELECT username, email FROM accounts_user WHERE is_superuser")
        return rows.fetchall()


def test_the_owner_has_an_administrator_and_a_mail(made: SetUp) -> None:
    assert administrators(made.root) == [("root", "root@example.org")]
    (mail,) = made.mails
    assert "To: root@example.org" in mail
    assert f"From: MiniGram <minigram@{DOMAIN}>" in mail
    assert PASSWORD not in made.said
    assert made.variables["SECRET_KEY"] not in made.said


def test_only_those_concerned_can_read_what_is_secret(made: SetUp) -> None:
    configuration = made.root / "etc/minigram"
    modes = {
        name: (configuration / name).stat().st_mode & 0o777
        for name in ("site.env", "servers.env", "backup.env", "tls", "tls/key.pem")
    }
    assert modes == {
        "site.env": 0o640,
        "servers.env": 0o600,
        "backup.env": 0o640,
        "tls": 0o750,
        "tls/key.pem": 0o600,
    }
    assert (made.root / "var/lib/minigram").stat().st_mode & 0o007 == 0
    assert (made.root / "backups").stat().st_mode & 0o077 == 0
    assert (made.root / "var/lib/minigram/db.sqlite3").stat().st_mode & 0o077 == 0
    secret = made.variables["SECRET_KEY"]
    readable = [path for path in made.root.rglob("*") if path.is_file()]
    readable = [path for path in readable if path.stat().st_mode & 0o007]
    assert [path for path in readable if secret.encode() in path.read_bytes()] == []


def test_a_second_run_changes_nothing(made: SetUp) -> None:
    before = tree(made.root)
    again = setup(made.root, "--dry-run")
    assert "All files are as they are to be." in again.stdout, again.stdout + again.stderr
    again = setup(made.root, "--admin=another", "--admin-email=another@example.org")
    assert again.returncode == 0, again.stderr
    assert tree(made.root) == before
    assert administrators(made.root) == [("root", "root@example.org")]
    assert len(made.mails) == 1


def test_a_change_is_shown_and_not_made_by_a_dry_run(made: SetUp) -> None:
    before = tree(made.root)
    shown = setup(made.root, "--site-name=Club", "--dry-run")
    assert "-SITE_NAME=MiniGram\n+SITE_NAME=Club" in shown.stdout
    assert made.variables["SECRET_KEY"] not in shown.stdout
    assert tree(made.root) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--email-url=smtp://mail.example.org:587"], "Port 587 takes mails over TLS only"),
        (["--certificate=/nowhere"], "belong together"),
        (["--certificate=/nowhere", "--key=/nowhere"], "There is no file /nowhere"),
        (["--stage=2"], "rows are in SQLite"),
    ],
)
def test_what_the_site_would_not_start_with_is_refused_and_changes_nothing(
    made: SetUp, arguments: list[str], sentence: str
) -> None:
    before = tree(made.root)
    refused = setup(made.root, *arguments)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert tree(made.root) == before


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(made: SetUp) -> None:
    folder = made.root / "etc/systemd/system"
    template = folder / "minigram-web@.service"
    units = [str(path) for path in folder.glob("*.*") if path.is_file() and path != template]
    instance = made.root / "minigram-web@1.service"
    instance.write_text(template.read_text())
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
    checked = subprocess.run(
        [*command, *units, str(instance)], check=False, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"EnvironmentFile={made.root}/etc/minigram/site.env" in template.read_text()


@contextmanager
def nginx_of_debian(root: Path) -> Iterator[dict[int, int]]:
    """Run nginx with Debian's main file, another site and ours; give the ports for 80 and 443.

    The ports are the one thing of our files that is changed.
    """
    ports = {80: free_port(), 443: free_port()}
    folder = root / "etc/nginx"
    for path in (folder / "sites-available/minigram", folder / "minigram/server.conf"):
        text = path.read_text()
        for port, other in ports.items():
            text = text.replace(f"listen {port}", f"listen 127.0.0.1:{other}")
            text = text.replace(f"listen [::]:{port}", f"listen [::1]:{other}")
        (folder / f"test-{path.name}").write_text(text)
    (folder / "nginx.conf").write_text(
        f"""
        user {getpass.getuser()};
        pid {root}/nginx.pid;
        error_log {root}/error.log;
        events {{ worker_connections 64; }}
        http {{
            sendfile on; tcp_nopush on; gzip on; default_type application/octet-stream;
            include /etc/nginx/mime.types;
            ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on;
            access_log {root}/others.log;
            client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; scgi_temp_path {root}/t3;
            fastcgi_temp_path {root}/t4; uwsgi_temp_path {root}/t5;
            server {{
                listen 127.0.0.1:{ports[80]} default_server;
                server_name _;
                location / {{ return 200 "another site"; }}
            }}
            include {folder}/test-minigram;
        }}
        """
    )
    command = ["nginx", "-e", f"{root}/error.log", "-p", str(root), "-c", f"{folder}/nginx.conf"]
    tested = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert (tested.returncode, "warn" in tested.stderr) == (0, False), tested.stderr
    with subprocess.Popen([*command, "-g", "daemon off;"]) as server:
        try:
            yield ports
        finally:
            server.terminate()


def test_the_site_runs_beside_another_one(made: SetUp) -> None:
    socket = made.root / "run/minigram/web1.sock"
    env = {"PATH": os.environ["PATH"], "BIND": f"unix:{socket}", **made.variables}
    with gunicorn(env, socket), nginx_of_debian(made.root) as ports:
        transport = httpx.HTTPTransport(verify=False, retries=8)  # it signs itself
        with httpx.Client(transport=transport, timeout=20) as client:
            plain, secure = f"http://127.0.0.1:{ports[80]}", f"https://127.0.0.1:{ports[443]}"
            ours = {"Host": DOMAIN}
            # nginx listens once it has answered.
            assert client.get(f"{plain}/").text == "another site"
            sent_on = client.get(f"{plain}/explore/", headers=ours)
            assert sent_on.status_code == 308
            assert sent_on.headers["Location"] == f"https://{DOMAIN}/explore/"
            named = {"sni_hostname": DOMAIN}
            ready = client.get(f"{secure}/readyz", headers=ours, extensions=named)
            assert ready.status_code == 200, ready.text
            page = client.get(f"{secure}/login/", headers=ours, extensions=named)
            assert page.status_code == 200
            assert page.headers["Strict-Transport-Security"]
            style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
            kept = client.get(f"{secure}{style}", headers=ours, extensions=named)
            assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            foreign = client.get(f"{secure}/static/../../etc/minigram/site.env", headers=ours)
            assert made.variables["SECRET_KEY"] not in foreign.text
