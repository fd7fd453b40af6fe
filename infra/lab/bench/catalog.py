"""What is measured: the floor, then the calls that people make most."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from infra.lab.bench.case import Case, MeasuredSite, UnixConnection, always, call
from infra.lab.bench.server import Server, environment, serving
from infra.lab.bench.sites import APPLICATION, ClusterSite, session_of, token_of
from infra.project import free_port

FEED = "/api/v1/feed/"
# How many pages down the "deeper page" lies.
DEEPER = 10


@dataclass(frozen=True)
class Sites:
    """The sites of one measurement: the first, and two that differ from it in one size, if any."""

    site: MeasuredSite
    sleepy: MeasuredSite | None
    small: MeasuredSite | None


def cases(stack: ExitStack, sites: Sites) -> list[Case]:
    """Start the floor, and return what is measured, the floor first."""
    env = environment(Path(), free_port())
    floor = stack.enter_context(serving(env, "infra.lab.bench.floor:application", "/"))
    return [
        Case("floor: bare WSGI application", floor, always("/")),
        *_feeds(sites),
        *_unpinned(stack, sites.site),
        *_others(sites.site),
    ]


def _feeds(sites: Sites) -> list[Case]:
    site = sites.site
    mine = _bearer(site)
    found = [
        Case("feed, 20 photos", site, always(FEED), mine),
        Case("feed, second page", site, always(_page(site, 1)), mine),
        Case(f"feed, page {DEEPER + 1}", site, always(_page(site, DEEPER)), mine),
        Case("feed, another page each time", site, _unkept(site), mine),
        Case("feed, 8 requests at once", site, always(FEED), mine, at_once=8),
        # A header that the lean path leaves to Django.
        Case("feed, by Django", site, always(FEED), {**mine, "Cookie": "theme=dark"}),
    ]
    if isinstance(site, ClusterSite) and (address := site.cluster.part("web1").socket):
        # Without nginx, and always one instance: comparable with the floor and other stages.
        straight = Case("feed, straight to an instance", site, always(FEED), mine)
        straight.connect = lambda _: UnixConnection(address)
        found.append(straight)
    for other, name in (
        (sites.sleepy, "feed, with dormant follows"),
        (sites.small, "feed, with a tenth of the photos"),
    ):
        if other is not None:
            found.append(Case(name, other, always(FEED), _bearer(other)))
    return found


def _unpinned(stack: ExitStack, site: MeasuredSite) -> list[Case]:
    """Return the row that shows what pinning workers is worth; Stage 1 only."""
    if not isinstance(site, Server):
        return []
    env = {**site.env, "PORT": str(free_port()), "PIN_WORKERS": "false"}
    free = stack.enter_context(serving(env, APPLICATION, "/readyz"))
    name = "feed, 8 at once, PIN_WORKERS=false"
    return [Case(name, free, always(FEED), _bearer(site), at_once=8)]


def _others(site: MeasuredSite) -> list[Case]:
    mine = _bearer(site)
    newest = call(site, "GET", FEED, token=mine["Authorization"][7:])["results"][0]["id"]
    photo = f"/api/v1/photos/{newest}/"

    def like(number: int) -> tuple[str, str]:
        return ("PUT" if number % 2 else "DELETE"), f"{photo}like/"

    return [
        Case("one photo", site, always(photo), mine),
        Case("profile", site, always("/api/v1/users/user2/"), mine),
        Case("photos of a profile", site, always("/api/v1/users/user2/photos/"), mine),
        Case("explore", site, always("/api/v1/explore/"), mine),
        Case("explore, popular", site, always("/api/v1/explore/?sort=popular"), mine),
        Case("like and unlike", site, like, mine),
        *_pages(site),
    ]


def _pages(site: MeasuredSite) -> list[Case]:
    member = {"Cookie": session_of(site)}
    return [
        Case("feed as a page, 20 photos", site, always("/feed/"), member),
        Case("explore as a page, 24 photos", site, always("/explore/")),
        Case("explore as a page, logged in", site, always("/explore/"), member),
        Case("profile as a page, logged in", site, always("/@user2/"), member),
    ]


def _bearer(site: MeasuredSite) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(site)}"}


def _unkept(site: MeasuredSite) -> Callable[[int], tuple[str, str]]:
    """Return requests for the second page, each from another cursor: no cache has any of them."""
    path, _, edge = _page(site, 1).partition("?cursor=n")
    edges = count(int(edge), -1)
    return lambda _: ("GET", f"{path}?cursor=n{next(edges)}")


def _page(site: MeasuredSite, number: int) -> str:
    """Return the address of a page of the feed, counted from 0, or of the last."""
    token, address = token_of(site), FEED
    for _ in range(number):
        following = call(site, "GET", address, token=token)["next"]
        if following is None:
            break
        address = following.partition(f":{site.port}")[2]
    return address
