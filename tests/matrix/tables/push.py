"""Web Push, on a site that sends none: the tests of the push itself have one that does."""

from __future__ import annotations

from tests.matrix.rules import NOT_FOUND, delete, get, member, plain, post, put

DEVICE = {"endpoint": "https://push.example.org/1", "p256dh": "x", "auth": "x"}

TABLE = {
    "social:push-on": plain(post(member(NOT_FOUND), DEVICE)),
    "social:push-off": plain(post(member(302))),
    "api-activity-device": plain(
        get(member()), put(member(NOT_FOUND), DEVICE), delete(member(204))
    ),
}
