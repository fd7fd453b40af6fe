#!/usr/bin/env bash
# Django 5.2: after a change of SECRET_KEY the second of two requests at once is logged out.
#
# Behaviour: a session that a key of SECRET_KEY_FALLBACKS confirms is upgraded to the new key by
# django.contrib.auth.get_user, which calls cycle_key(): the session moves to another row under another
# key, and the old row is deleted. The answer carries the new cookie. A request that the browser had sent
# beside it still carries the old cookie, which names no session any more: it is anonymous, and its answer
# deletes the cookie. If that answer comes last, the person is logged out.
#
# Why it surprises: SECRET_KEY_FALLBACKS exists so that a new key logs nobody out, and it does so for one
# request after the other. A page with pictures that ask for the session sends a dozen at once.
#
# Seen on 2026-11-30, two requests with the same cookie under the new key:
#   Django 5.2.19
#   first request:  lena, cookie replaced
#   second request: nobody, cookie deleted
#   the same without a change of keys: ['lena, cookie kept', 'lena, cookie kept']
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check django==5.2.19 || exit 2

cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

FORMER, PRESENT = "former" * 12, "present" * 12


def who(request):
    return HttpResponse(request.user.get_username() or "nobody")


urlpatterns = [path("", who)]
settings.configure(
    SECRET_KEY=FORMER,
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings

call_command("migrate", verbosity=0)
lena = User.objects.create_user("lena")


def two_requests(**keys):
    """Log in, change the keys, send two requests with the cookie of the log-in."""
    browser = Client()
    browser.force_login(lena)
    cookie = browser.cookies["sessionid"].value
    seen = []
    with override_settings(**keys):
        for _ in range(2):
            request = Client()
            request.cookies["sessionid"] = cookie
            answer = request.get("/")
            given = answer.cookies.get("sessionid")
            fate = "kept" if given is None else "replaced" if given.value else "deleted"
            seen.append(f"{answer.content.decode()}, cookie {fate}")
    return seen


print(f"Django {django.__version__}")
same = two_requests()
first, second = two_requests(SECRET_KEY=PRESENT, SECRET_KEY_FALLBACKS=[FORMER])
print(f"first request:  {first}")
print(f"second request: {second}")
print(f"the same without a change of keys: {same}")
if (first, second) != ("lena, cookie replaced", "nobody, cookie deleted"):
    sys.exit("Sessions of a former key are upgraded otherwise now.")
if same != ["lena, cookie kept"] * 2:
    sys.exit("The comparison without a change of keys has another result.")
PYTHON
