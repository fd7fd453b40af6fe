"""Where a log-in comes from, as little of it as its owner needs to know it again."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from minigram_site.fields.text import clean_line
from minigram_site.web.throttling import client_address

# The first that is found: others name themselves too, so that sites take them for one.
_PROGRAMS = {
    "Firefox": r"\b(?:Firefox|FxiOS)/",
    "Edge": r"\bEdg(?:e|A|iOS)?/",
    "Opera": r"\b(?:OPR|Opera)/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Vivaldi": r"\bVivaldi/",
    "Chrome": r"\b(?:HeadlessChrome|Chrome|CriOS)/",
    "Safari": r"\bVersion/[\d.]+ .*\bSafari/",
}
_SYSTEMS = {
    "Android": r"\bAndroid\b",
    "iPadOS": r"\biPad\b",
    "iOS": r"\biPhone\b|\biPod\b",
    "Windows": r"\bWindows\b",
    "ChromeOS": r"\bCrOS\b",
    "macOS": r"\bMac OS X\b|\bMacintosh\b",
    "Linux": r"\bLinux\b",
}
_NAME = re.compile(r"[\w .+-]{2,40}(?=/|$)")


class Origin(NamedTuple):
    """A program, its system, and the network that it was in; each may be empty."""

    program: str
    system: str
    network: str


def origin_of(request: Any) -> Origin:
    """Return where a request of pages or of the API comes from. No query."""
    agent = clean_line(request.headers.get("User-Agent", ""))[:400]
    system = _first(_SYSTEMS, agent)
    return Origin(_first(_PROGRAMS, agent) or _own_name(agent), system, _network(request))


def _first(patterns: dict[str, str], agent: str) -> str:
    return next((name for name, pattern in patterns.items() if re.search(pattern, agent)), "")


def _own_name(agent: str) -> str:
    """Return how an app names itself: the words before its version, unless all browsers say so."""
    found = _NAME.match(agent)
    name = found[0].strip() if found else ""
    return "" if name == "Mozilla" else name


def _network(request: Any) -> str:
    """Return the client's network: three of an IPv4 address's four numbers, a /48 of IPv6."""
    try:
        address = ip_address(client_address(request).partition("/")[0])
    except ValueError:
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))
