"""Variables that look like the site's and are read by nothing are told from those of others."""

from __future__ import annotations

import re

import pytest

from infra.ops.site_variables import OF_SERVERS, unread
from infra.project import PROJECT


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("REGISTRATION", "REGISTRATION_OPEN"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("SITEURL", "SITE_URL"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("SECRET", "SECRET_KEY"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("MINIGRAM_DEBUG", "DEBUG"),
        # A setting of Django's, which is not read from the environment.
        ("EMAIL_HOST", "EMAIL_URL"),
        ("TIME_ZONE", ""),
    ],
)
def test_a_variable_that_means_ours_is_found(name: str, meant: str) -> None:
    assert unread([name, "PATH"]) == {name: meant}


def test_what_systemd_ssh_and_containers_set_is_not_ours() -> None:
    text = """
        PATH HOME USER LOGNAME SHELL LANG LANGUAGE LC_ALL TERM TZ PWD OLDPWD HOSTNAME MAIL EDITOR
        SSH_CONNECTION SSH_AUTH_SOCK XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS INVOCATION_ID
        JOURNAL_STREAM SYSTEMD_EXEC_PID NOTIFY_SOCKET LISTEN_FDS STATE_DIRECTORY RUNTIME_DIRECTORY
        CACHE_DIRECTORY LOGS_DIRECTORY HTTPS_PROXY NO_PROXY SSL_CERT_FILE AWS_ACCESS_KEY_ID
        AWS_REGION PYTHONUNBUFFERED VIRTUAL_ENV PIP_NO_CACHE_DIR GPG_KEY CI GITHUB_ACTIONS
        DJANGO_SETTINGS_MODULE DJANGO_ALLOW_ASYNC_UNSAFE TMPDIR SUDO_USER COLUMNS PGHOST
    """
    assert unread(text.split()) == {}


def test_what_is_read_is_never_reported() -> None:
    example = (PROJECT / "infra" / "example.env").read_text()
    assert unread([*re.findall(r"^([A-Z_]+)=", example, re.M), *OF_SERVERS]) == {}


def test_the_servers_variables_are_those_that_are_read() -> None:
    files = ("gunicorn.conf.py", "bin/set-edge")
    text = "".join((PROJECT / "infra" / name).read_text() for name in files)
    assert [name for name in OF_SERVERS if not re.search(rf"""["'$]{name}\b""", text)] == []
