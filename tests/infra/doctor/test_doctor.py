"""The doctor finds what is wrong with a site and says what to do, and finds nothing otherwise."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Passkey, SiteSettings, User
from infra.backup import last, manifest
from infra.doctor import Findings, front, machine, servers
from infra.project import free_port
from minigram_site.storage.static_files import HashedStaticFiles
from photos.models import Photo
from tests.factories import make_user

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def rows_of(*arguments: str) -> dict[str, dict[str, Any]]:
    """Return what the command finds, by area and what was looked at; the site itself is down."""
    out = StringIO()
    call_command(
        "doctor", f"--url=http://127.0.0.1:{free_port()}", "--json", *arguments, stdout=out
    )
    return {f"{row['area']}: {row['what']}": row for row in json.loads(out.getvalue())}


def bad(rows: dict[str, dict[str, Any]]) -> set[str]:
    """Return the names of rows that are not in order, each of which has to say what to do."""
    found = {name: row for name, row in rows.items() if row["state"] != "ok"}
    assert all(row["advice"] for row in found.values())
    return set(found)


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    """Let the test have a data folder that nobody else can enter."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)


@pytest.mark.django_db
def test_of_a_site_in_order_nothing_is_found_but_that_it_is_down(settings: Any) -> None:
    User.objects.filter(pk=make_user("root").pk).update(is_superuser=True)
    last.note(manifest.now())
    rows = rows_of()
    assert bad(rows) <= {"site: /healthz", "mail: server", "settings: infra.W001"}
    assert rows["site: /healthz"]["state"] == "problem"
    looked_at = {name.partition(":")[0] for name in rows}
    wanted = {"settings", "folders", "static", "database", "doors", "cache", "tasks", "storage"}
    assert wanted | {"mail", "site"} <= looked_at


def close_storage(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(default_storage), "save", refuse, raising=False)


def refuse(*_: Any) -> None:
    raise OSError("Permission denied")


def require_confirmation(settings: Any, _: Any) -> None:
    SiteSettings.objects.create(email_check="required", sign_up="closed")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def name_a_dead_mail_server(settings: Any, _: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT = free_port()


def collect_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATIC_ROOT = settings.DATA_DIR / "nowhere"
    monkeypatch.setattr(machine, "staticfiles_storage", HashedStaticFiles())


def believe_no_proxy(settings: Any, _: Any) -> None:
    settings.SITE_URL, settings.TRUSTED_PROXIES = "https://photos.example.org", 0


def move_to_another_domain(settings: Any, _: Any) -> None:
    Passkey.objects.create(
        user=make_user("alice"), name="phone", credential_id="a", rp_id="former.example"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "state", "spoil"),
    [
        ("backups: last", "warning", lambda *_: last.note("2026-01-01T00-00-00.000000Z")),
        ("folders: DATA_DIR closed", "warning", lambda s, _: s.DATA_DIR.chmod(0o755)),
        ("static: collected", "problem", collect_nothing),
        ("storage: keeps a file", "problem", close_storage),
        ("mail: server", "problem", name_a_dead_mail_server),
        ("doors: confirmation", "problem", require_confirmation),
        ("doors: passkeys", "warning", move_to_another_domain),
        ("settings: TRUSTED_PROXIES", "problem", believe_no_proxy),
        ("doors: administrator", "warning", lambda *_: None),
        ("settings: infra.W001", "warning", lambda _, m: m.setenv("REGISTRATION", "false")),
        ("settings: DEBUG", "warning", lambda s, _: setattr(s, "DEBUG", True)),
    ],
)
def test_what_is_wrong_is_found(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    state: str,
    spoil: Callable[[Any, pytest.MonkeyPatch], None],
) -> None:
    spoil(settings, monkeypatch)
    rows = rows_of()
    assert name in bad(rows)
    assert rows[name]["state"] == state


@pytest.mark.django_db
def test_passkeys_of_this_domain_and_a_proxy_that_is_believed_are_in_order(settings: Any) -> None:
    settings.SITE_URL, settings.TRUSTED_PROXIES = "https://photos.example.org", 1
    Passkey.objects.create(
        user=make_user("alice"), name="phone", credential_id="a", rp_id="photos.example.org"
    )
    rows = rows_of()
    assert rows["doors: passkeys"]["state"] == "ok"
    assert rows["settings: TRUSTED_PROXIES"]["state"] == "ok"


@pytest.mark.django_db
def test_sign_up_is_told_as_it_is() -> None:
    assert rows_of()["doors: sign-up"]["detail"] == "open (by REGISTRATION_OPEN)"
    SiteSettings.objects.create(sign_up="closed")
    assert rows_of()["doors: sign-up"]["detail"] == "closed (saved in the admin)"


@pytest.mark.django_db
def test_an_index_that_is_gone_is_found_on_either_database() -> None:
    assert list(servers.missing_indexes()) == []
    name = Photo._meta.indexes[0].name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX "{name}"')
    assert list(servers.missing_indexes()) == [name]


@pytest.mark.django_db
def test_a_problem_is_exit_status_1_and_its_advice_stands_at_the_end() -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="1 thing does not work"):
        call_command("doctor", f"--url=http://127.0.0.1:{free_port()}", stdout=out)
    assert "Start the site, or name its address with --url." in out.getvalue()


def test_a_server_whose_clock_is_apart_is_found(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock of its own.")
    found = Findings()
    servers.clocks(found)
    with patch("infra.doctor.servers.time.time", return_value=0.0):
        servers.clocks(found)
    assert [row.state for row in found.rows] == ["ok", "warning"]


class Site(BaseHTTPRequestHandler):
    """A site behind a proxy that does not say what was asked for: every page leads to itself."""

    def do_GET(self) -> None:
        """Answer."""
        healthy = self.path in {"/healthz", "/readyz"}
        self.send_response(200 if healthy else 301)
        if not healthy:
            self.send_header("Location", f"http://{self.headers['Host']}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_a_page_that_leads_to_itself_is_found() -> None:
    found = Findings()
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        front.front(found, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert [row.state for row in found.rows] == ["ok", "ok", "problem"]
    assert "leads to itself" in found.rows[-1].detail


def test_a_certificate_that_browsers_refuse_is_found(tmp_path: Path) -> None:
    import ssl

    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
    files = ["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run([*command.split(), *files], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    found = Findings()
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        front.certificate(found, "localhost", server.server_address[1])
        server.shutdown()
    assert found.rows[0].state == "problem"
    assert "self-signed" in found.rows[0].detail
    assert "certbot" in found.rows[0].advice
