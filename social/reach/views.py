"""What programs of other sites ask for: feeds, oEmbed, sitemaps, robots.txt."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib.sitemaps import views as sitemap_views
from django.contrib.sitemaps.views import SitemapIndexItem
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from accounts.access import public
from accounts.doors.site import site_settings
from minigram_site.fields.entities import tag_key
from minigram_site.web.errors import PROBLEM_TYPE, problem
from social.reach.feeds import PersonFeed, PhotoFeed, TagFeed
from social.reach.oembed import NoEmbed, embed_of
from social.reach.previews import address_of
from social.reach.sitemaps import SECTIONS

ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /api/
Disallow: /appeals/
Disallow: /s/
Disallow: /settings/

Sitemap: {sitemap}
"""
NOTHING = "User-agent: *\nDisallow: /\n"
# Longer ones are no address of a photo.
MAX_ADDRESS = 500


@public
@require_safe
@conditional_page
def person_feed(request: HttpRequest, username: str) -> HttpResponse:
    """Answer with the Atom feed of a public account; ``Http404`` for all others."""
    return _feed(PersonFeed(), request, username=username)


@public
@require_safe
@conditional_page
def tag_feed(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with the Atom feed of a tag; any spelling leads to the address of its one form.

    Raises ``Http404`` for what is no tag.
    """
    key = tag_key(name)
    if not key:
        raise Http404
    if key != name:
        return redirect("social:tag-feed", key)
    return _feed(TagFeed(), request, name=key)


@public
@require_safe
@conditional_page
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer what ``?url=`` says of a photo, for scripts of any site.

    404 where there is nothing, 501 for another format than JSON, as oEmbed 1.0 (2.3.4) says; 400
    for values that are none.
    """
    asked = request.GET
    if asked.get("format", "json") != "json":
        return _refused(501, "not_implemented", "There is JSON only: leave `format` out.")
    address = asked.get("url", "")
    if not address:
        return _refused(400, "invalid", "`url` is missing: the address of a photo's page.")
    limits = []
    for name in ("maxwidth", "maxheight"):
        text = asked.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
            return _refused(400, "invalid", f"`{name}` is a number of pixels.")
        limits.append(int(text) if text else None)
    try:
        answer = embed_of(address[:MAX_ADDRESS], *limits)
    except NoEmbed:
        return _refused(404, "not_found", "There is no photo at this address for everybody.")
    return _open_to_all(HttpResponse(orjson.dumps(answer), content_type="application/json"))


@public
@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """List the sitemaps, each window of ids by itself. A few queries, most of them remembered."""
    items = [
        SitemapIndexItem(_section_address(name, start))
        for name, sitemap in SECTIONS.items()
        for start in sitemap().starts()
    ]
    content = render_to_string("sitemap_index.xml", {"sitemaps": items})
    return HttpResponse(content, content_type="application/xml")


@public
@require_safe
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    """List the addresses of one window. Raises ``Http404`` for what is no section or window."""
    response: HttpResponse = sitemap_views.sitemap(request, {**SECTIONS}, section).render()
    return response


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where the sitemap is, and what is not for them. No query.

    Of a site for members only nothing is for them.
    """
    text = ROBOTS.format(sitemap=address_of(reverse("social:sitemap-index")))
    if site_settings().members_only:
        text = NOTHING
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _feed(feed: PhotoFeed, request: HttpRequest, **path: Any) -> HttpResponse:
    response: HttpResponse = feed(request, **path)
    # The time of the newest entry does not tell whether another one was edited or has gone.
    del response.headers["Last-Modified"]
    response.headers["Cache-Control"] = "no-cache"
    return response


def _section_address(name: str, start: int) -> str:
    return address_of(reverse("social:sitemap", args=[name])) + f"?p={start}"


def _refused(status: int, code: str, detail: str) -> HttpResponse:
    content = orjson.dumps(problem(status, code, detail))
    return _open_to_all(HttpResponse(content, status=status, content_type=PROBLEM_TYPE))


def _open_to_all(response: HttpResponse) -> HttpResponse:
    """Let scripts of other sites read the answer: it is one for everybody, whoever asks."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache"
    return response
