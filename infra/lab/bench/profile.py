"""Where the CPU time of a page goes, by layer: ``python -m infra.lab.bench.profile``.

Starts a Stage 2 with the data set of ``lab bench``, logs 60 people in and opens the pages for them
in turn, in a process without an HTTP server and under cProfile with the clock of the process. Time
that others use, PostgreSQL included, is not in it, and shares and calls do not depend on what else
the machine does. Prints a table in Markdown.
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import secrets
import subprocess
import sys
import time
from typing import Any

import django

from infra.cluster import running
from infra.lab.bench.crowd import PASSWORD
from infra.lab.data_set import DataSet
from infra.project import PROJECT

PEOPLE = 60
REQUESTS = 300
# Name, address, whether it is opened by members.
PAGES = [
    ("feed", "/feed/", True),
    ("explore", "/explore/", True),
    ("explore, visitor", "/explore/", False),
    ("profile", "/@user2/", True),
    ("profile, visitor", "/@user2/", False),
]
# Functions in which a layer begins: the end of the file's path, and the name.
_ALL = ("infra/lab/bench/profile.py", "ask")
_VIEW = ("core/handlers/base.py", "_get_response")
_PERSON = ("authentication/members.py", "_member_of")
# Functions that send a statement, and those that call them for session and account.
_STATEMENTS = ("fetch_prepared", "fetch_compiled")
_OF_THE_PERSON = ("_from_database", "load", "account_with_session_hash")
_TEMPLATE = ("template/backends/django.py", "render")
_FRAGMENTS = ("templating/fragments.py", "render")
_TOKEN = ("middleware/csrf.py", "get_token")


def main() -> None:
    """Measure as the module's docstring says, and print the table."""
    if "--inside" in sys.argv:
        _measure()
        return
    # For looking up which static files there are; the site gets an environment of its own.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    django.setup()
    with running(2, RATE_LIMITS="false", LOG_LEVEL="WARNING") as cluster:
        arguments = [*DataSet().arguments(), f"--password={PASSWORD}", "--verbosity=0"]
        cluster.manage("populate", *arguments)
        command = [sys.executable, "-m", "infra.lab.bench.profile", "--inside"]
        subprocess.run(command, cwd=PROJECT, env=cluster.env, check=True)  # noqa: S603 - our own


def ask(application: Any, host: str, path: str, cookies: str) -> None:
    """Make one GET request; raises ``RuntimeError`` for a status other than 200."""
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_COOKIE": cookies,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    response = application(environ, lambda line, *_: status.append(line))
    for _ in response:
        pass
    getattr(response, "close", lambda: None)()
    if status != ["200 OK"]:
        raise RuntimeError(f"{path} answered {status}.")


def _measure() -> None:
    from django.conf import settings
    from django.core.servers.basehttp import get_internal_wsgi_application

    django.setup()
    host = settings.SITE_URL.partition("//")[2]
    application, cookies = get_internal_wsgi_application(), _log_in()
    columns = [
        _shares(application, host, path, cookies if as_member else [""])
        for _, path, as_member in PAGES
    ]
    lines = [["Layer", *(name for name, _, _ in PAGES)], ["---", *["---:"] * len(PAGES)]]
    lines += [[layer, *(column[layer] for column in columns)] for layer in columns[0]]
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines))


def _log_in() -> list[str]:
    """Return the ``Cookie`` headers of ``PEOPLE`` people who are logged in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    names = [f"user{number}" for number in range(1, PEOPLE + 1)]
    cookies = []
    for person in get_user_model()._default_manager.filter(username__in=names):
        client = Client()
        client.force_login(person)
        cookies.append(f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}")
    return cookies


def _shares(application: Any, host: str, path: str, cookies: list[str]) -> dict[str, str]:
    """Return the share of each layer in the CPU time of a page, and the calls of functions."""
    for number in range(3 * len(cookies)):
        ask(application, host, path, cookies[number % len(cookies)])
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for number in range(REQUESTS):
        ask(application, host, path, cookies[number % len(cookies)])
    profile.disable()
    stats: Any = pstats.Stats(profile)

    def seconds(*functions: tuple[str, str]) -> float:
        return sum(
            float(cumulative)
            for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items()
            for file_end, function in functions
            if name == function and file.endswith(file_end)
        )

    everything, view, person = seconds(_ALL), seconds(_VIEW), seconds(_PERSON)
    statements = sum(
        float(called[3])
        for (_, _, name), (_, _, _, _, callers) in stats.stats.items()
        for (_, _, caller), called in callers.items()
        if name in _STATEMENTS and caller not in _OF_THE_PERSON
    )
    template, fragments, token = seconds(_TEMPLATE), seconds(_FRAGMENTS), seconds(_TOKEN)
    shares = {
        "middleware, address, response": everything - view,
        "session and account, with its statement": person,
        "statements of the page": statements,
        "view, lists, cards": view - person - statements - template,
        "templates: base, blocks, loops": template - fragments - token,
        "templates: kept fragments": fragments,
        "templates: token against forgery": token,
    }
    shown = {layer: f"{100 * share / everything:.0f} %" for layer, share in shares.items()}
    return shown | {"calls of functions": f"{stats.total_calls / REQUESTS:,.0f}"}


if __name__ == "__main__":
    main()
