"""By what clients are counted who are not logged in."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from rest_framework.throttling import BaseThrottle

from minigram_site.memory_cache import remember_short


def client_address(request: Any) -> str:
    """Return by what a client is counted who is not logged in: an IPv4 address or an IPv6 /64.

    A provider gives each of its customers a /64 at least, and with it 2**64 addresses. Believes
    ``X-Forwarded-For`` as far as ``TRUSTED_PROXIES`` says.
    """
    return _network(str(BaseThrottle().get_ident(request) or ""))


@remember_short(entries=1024, longest=64)
def _network(text: str) -> str:
    try:
        address = ip_address(text.strip("[] ").partition("%")[0])
    except ValueError:
        # No address: a unix socket has none, and a proxy may have written a word.
        return text[:64]
    if isinstance(address, IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((address, 64), strict=False))
