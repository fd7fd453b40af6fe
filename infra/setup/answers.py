"""The answers of an owner: as options, as the site has them already, or asked at the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from infra.setup.errors import SetupError

STAGES = range(1, 6)
NO_MAIL = "console://"
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9][a-z0-9-]*)*")
_TRUE = {"true", "t", "on", "yes", "y", "1"}


@dataclass(frozen=True)
class Answers:
    """What an owner says of the site; empty is "none" for what a site can be without."""

    domain: str
    site_name: str
    email_url: str
    registration: str
    stage: str
    admin: str
    admin_email: str
    backup: str


QUESTIONS = {
    "domain": "The name that people type, such as photos.example.org",
    "site_name": "What the site is called",
    "email_url": (
        "Mail server, submission://NAME:PASSWORD@HOST:587 (console:// sends none: who forgets a "
        "password is lost)"
    ),
    "registration": "May people sign up by themselves: open or closed",
    "stage": "Stage: 1 SQLite, 2 PostgreSQL and a worker, 3 three instances, 4 replicas, 5 Redis",
    "admin": "Name of the administrator",
    "admin_email": "E-mail address of the administrator",
    "backup": "Where a backup goes each night, a folder or s3://HOST/BUCKET (none: nowhere)",
}
NO_BACKUP = "none"
DEFAULTS = {
    "site_name": "MiniGram",
    "email_url": NO_MAIL,
    "registration": "open",
    "stage": "1",
    "backup": NO_BACKUP,
}
OPTIONAL = {"admin", "admin_email"}


def of_site(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that a site with these variables was given before."""
    if not variables:
        return {}
    known = {
        "domain": urlsplit(variables.get("SITE_URL", "")).hostname or "",
        "site_name": variables.get("SITE_NAME", ""),
        "email_url": variables.get("EMAIL_URL", ""),
        "stage": str(stage_of(variables)),
        "backup": variables.get("BACKUP", ""),
    }
    if "REGISTRATION_OPEN" in variables:
        is_open = variables["REGISTRATION_OPEN"].lower() in _TRUE
        known["registration"] = "open" if is_open else "closed"
    return {name: value for name, value in known.items() if value}


def stage_of(variables: Mapping[str, str]) -> int:
    """Return the stage that the variables of a site make."""
    if variables.get("CACHE_URL", "").startswith("redis"):
        return 5
    if variables.get("DATABASE_REPLICA_URLS"):
        return 4
    if variables.get("INSTANCES", "1") != "1":
        return 3
    return 2 if variables.get("DATABASE_URL", "").startswith("postgres") else 1


def collect(
    options: Mapping[str, Any], variables: Mapping[str, str], ask: Callable[[str, str], str] | None
) -> Answers:
    """Return all answers: options first, then what ``ask`` is told, what the site has, defaults.

    ``ask`` gets a question and the answer that is taken for an empty one; ``None`` asks nothing.
    ``variables`` are the site's and its backup's; where there are some, nobody is asked for an
    administrator. Raises ``SetupError`` for an answer that is missing or makes no sense.
    """
    former = of_site(variables)
    answers = {}
    for field in fields(Answers):
        name = field.name
        value = options.get(name)
        fallback = former.get(name) or DEFAULTS.get(name, "")
        if value is None and ask and not (variables and name in OPTIONAL):
            value = ask(QUESTIONS[name], fallback)
        answers[name] = str(value if value is not None else fallback).strip()
    return checked(Answers(**answers))


def checked(answers: Answers) -> Answers:
    """Return the answers, with the sender of mails in the address of their server.

    Raises ``SetupError`` for one that makes no sense.
    """
    domain = answers.domain.lower()
    if not domain:
        raise SetupError("Name the domain: --domain photos.example.org")
    if not _DOMAIN.fullmatch(domain):
        raise SetupError(
            f"{answers.domain!r} is no domain: it looks like photos.example.org, without https:// "
            "and as DNS has it (xn--… for umlauts)."
        )
    if answers.registration not in {"open", "closed"}:
        raise SetupError("--registration can be open or closed.")
    if answers.stage not in map(str, STAGES):
        raise SetupError("--stage can be 1, 2, 3, 4 or 5.")
    if answers.admin and "@" not in answers.admin_email:
        raise SetupError("An administrator needs an e-mail address: --admin-email you@example.org")
    email_url = with_sender(answers.email_url, answers.site_name, domain)
    return Answers(**{**vars(answers), "domain": domain, "email_url": email_url})


def with_sender(email_url: str, site_name: str, domain: str) -> str:
    """Return the address of a mail server with a sender of the site's domain, if it names none."""
    query = urlsplit(email_url).query
    if email_url.startswith("console:") or "_default_from_email" in parse_qs(query):
        return email_url
    sender = quote(f"{site_name} <minigram@{domain}>", safe="")
    return f"{email_url}{'&' if query else '?'}_default_from_email={sender}"
