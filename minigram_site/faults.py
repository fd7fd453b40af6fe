"""Faults of environment variables, one sentence each, which says what would be right.

No sentence repeats a value that may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import dj_email_url
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from environs import EnvError
from redis.connection import parse_url

from minigram_site.cache_url import FORM as CACHE_FORM

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1", "testserver"}
LIMITS = {
    "INSTANCE_ID": (0, 31),
    "MAX_UPLOAD_MB": (1, 500),
    "MAX_IMAGE_MEGAPIXELS": (1, 200),
    "TRUSTED_PROXIES": (0, 5),
}
EMAIL_FORM = "submission://name:password@host:587 (name and password percent-encoded)"
# What is wanted where the library that reads a variable only says that a value is not valid.
WANTED = {
    **dict.fromkeys(("DEBUG", "BACKGROUND_WORKER", "REGISTRATION_OPEN"), "be true or false"),
    **{name: f"be a whole number from {low} to {high}" for name, (low, high) in LIMITS.items()},
    "LOG_LEVEL": 'be DEBUG, INFO, WARNING or ERROR, or one of them with ",json" behind it',
    "MEDIA_ACCEL_PREFIX": "look like /protected/, or be empty",
    "CACHE_URL": f"look like {CACHE_FORM}",
}
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_ALLOWED_HOST = re.compile(rf"\*|\.?{_HOST.pattern}|\[[0-9a-f:.]+\]", re.IGNORECASE)
# Letters that older and newer rules of international names write as different hosts.
_AMBIGUOUS = set("ßς\u200c\u200d")
_MAIL_OPTIONS = {"ssl", "tls", "timeout", "_default_from_email", "_server_email"}


def sentences(errors: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each variable that could not be read, with its name in front."""
    return [
        f"{name} must {WANTED[name]}." if name in WANTED else f"{name}: {' '.join(messages)}"
        for name, messages in errors.items()
    ]


def of_site_url(url: str, *, debug: bool) -> list[str]:
    """Return what is wrong with ``SITE_URL``; nothing if it is right."""
    try:
        site = urlsplit(url)
        host, port = site.hostname or "", site.port
    except ValueError:
        host, port, site = "", None, SplitResult("", "", "", "", "")
    if host and not host.isascii():
        return [f"SITE_URL must name the host in ASCII, as DNS does{_punycode(host)}."]
    parts = f"{site.scheme}://{site.netloc}"
    well_formed = ":" in host or _HOST.fullmatch(host)
    if site.scheme not in {"http", "https"} or not well_formed or port == 0 or parts != url:
        return ["SITE_URL must look like https://photos.example.org, without a path."]
    if "@" in site.netloc:
        return ["SITE_URL must not hold a name or password: https://photos.example.org is right."]
    if not debug and site.scheme == "http" and host not in LOOPBACK_HOSTS:
        return ["SITE_URL must start with https:// unless the site is on this machine only."]
    return []


def _punycode(host: str) -> str:
    """Return the end of a sentence that names a host as DNS knows it, where that is certain."""
    if _AMBIGUOUS & set(host):
        return " (xn--…): the registrar of the name shows it so"
    try:
        return f": {host.encode('idna').decode()}"
    except UnicodeError:
        return " (xn--…)"


def of_hosts(hosts: Sequence[str]) -> list[str]:
    """Return what is wrong with ``ALLOWED_HOSTS``, of which Django compares each with a request."""
    if all(_ALLOWED_HOST.fullmatch(host) for host in hosts):
        return []
    form = "photos.example.org,www.example.org: no spaces, no https://, no ports, in ASCII"
    return [f"ALLOWED_HOSTS must be host names separated by commas, such as {form}."]


def of_folders(data_dir: Path, media_root: Path) -> list[str]:
    """Return which of the folders is a file."""
    named = (("DATA_DIR", data_dir), ("MEDIA_ROOT", media_root))
    return [
        f"{name} must be a folder, and {folder} is a file."
        for name, folder in named
        if folder.exists() and not folder.is_dir()
    ]


def of_database(database: Mapping[str, Any], data_dir: Path) -> list[str]:
    """Return why SQLite could not make the file that ``DATABASE_URL`` names."""
    if not str(database.get("ENGINE", "")).endswith("sqlite3"):
        return []
    name = str(database["NAME"])
    if name in {"", ":memory:"}:
        return ["DATABASE_URL must name a file: sqlite:////absolute/path.sqlite3."]
    folder = Path(name).resolve().parent
    if folder.is_dir() or folder == data_dir.resolve():
        return []
    return [f"DATABASE_URL must name a file in a folder that exists: make {folder} first."]


def of_redis(url: str) -> list[str]:
    """Return what is wrong with an address of Redis."""
    try:
        parse_url(url)  # type: ignore[no-untyped-call]
        number = re.search(r"/([^/?]*)$", urlsplit(url).path if "unix" not in url else "")
        nowhere = url.startswith("unix://?") or urlsplit(url).hostname == "none"
        if nowhere or (number and not number[1].isdigit()):
            raise ValueError(url)
    except ValueError:
        return [f"CACHE_URL must {WANTED['CACHE_URL']}."]
    return []


def email_settings(value: str) -> dict[str, Any]:
    """Return Django's settings of ``EMAIL_URL``.

    Raises ``EnvError`` for what would send no mail, or a password without encryption where the
    port says that there is some.
    """
    try:
        address = urlsplit(value)
        options = dict(parse_qsl(address.query, keep_blank_values=True))
        known = address.scheme in dj_email_url.SCHEMES and address.scheme != "smtps"
        config: dict[str, Any] = dj_email_url.parse(value) if known else {}
    except ValueError:
        raise EnvError(f"It must look like {EMAIL_FORM}.") from None
    if not known:
        raise EnvError(f"It must be console:// or look like {EMAIL_FORM}.")
    if unknown := options.keys() - _MAIL_OPTIONS:
        names = ", ".join(sorted(_MAIL_OPTIONS))
        raise EnvError(f"There is no option {min(unknown)!r}; those known are {names}.")
    if address.scheme in {"smtp", "submission", "submit"}:
        _refuse_unusable_server(config)
    _refuse_unusable_sender(str(config.get("DEFAULT_FROM_EMAIL", "a@example.org")))
    return config


def _refuse_unusable_server(config: Mapping[str, Any]) -> None:
    if not config["EMAIL_HOST"]:
        raise EnvError(f"It names no host: it must look like {EMAIL_FORM}.")
    if config["EMAIL_PORT"] == 587 and not (config["EMAIL_USE_TLS"] or config["EMAIL_USE_SSL"]):
        raise EnvError("Port 587 takes mails over TLS only: begin with submission://.")
    if config["EMAIL_PORT"] == 465 and not config["EMAIL_USE_SSL"]:
        raise EnvError("Port 465 speaks TLS from the beginning: smtp://…:465?ssl=true.")


def _refuse_unusable_sender(sender: str) -> None:
    try:
        validate_email(parseaddr(sender)[1])
        if "\n" in sender or "\r" in sender:
            raise ValidationError("a line break")
    except ValidationError:
        raise EnvError(
            "Its _default_from_email must be an address, percent-encoded: "
            "MiniGram%20%3Cphotos@example.org%3E."
        ) from None
