"""Log in, sign up, password and address."""

from __future__ import annotations

from tests.matrix.rules import anyone, at, get, member, plain, post, visitors

PASSWORD = {"password": "not-the-password", "old_password": "not-the-password"}
REFUSED = 422

TABLE = {
    "accounts:signup": plain(
        get(visitors(200, members=302)), post(visitors(REFUSED, members=302), {"username": "?"})
    ),
    "accounts:login": plain(
        get(visitors(200, members=302)),
        post(visitors(REFUSED, members=302), {"username": "owner", "password": "wrong"}),
    ),
    "accounts:logout": plain(post(anyone(302))),
    "accounts:password": plain(get(member()), post(member(REFUSED), PASSWORD)),
    "accounts:email": plain(get(member()), post(member(REFUSED), PASSWORD)),
    "accounts:reset": plain(get(anyone()), post(anyone(302), {"email": "who@example.org"})),
    "accounts:reset-sent": plain(get(anyone())),
    "accounts:reset-done": plain(get(anyone())),
    "accounts:reset-confirm": at(
        lambda scene: {"uidb64": "MQ", "token": "none"}, get(anyone()), post(anyone())
    ),
    "api-register": plain(post(anyone(400), {"username": "?"})),
    "api-token": plain(post(anyone(401), {"username": "owner", "password": "wrong"})),
    "api-refresh": plain(post(anyone(401), {"refresh": "none"})),
    "api-logout": plain(post(anyone(401), {"refresh": "none"})),
}
