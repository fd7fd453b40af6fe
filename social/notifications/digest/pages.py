"""The page that ends the digests of a person, by the link of a mail and without a log-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.access import public
from minigram_site.web.throttling import limited
from social.notifications.digest.service import owner_of_token, turn_off


# A mail program sends the POST of one click (RFC 8058), without a cookie; the token is in the link.
@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def end(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to end the digests; a POST ends them. ``Http404`` for a forged link.

    Opening the link changes nothing: programs that look for malware open links, too.
    """
    user_id = owner_of_token(token)
    if request.method == "POST":
        turn_off(user_id)
    return render(request, "social/activity/digest_end.html", {"ended": request.method == "POST"})
