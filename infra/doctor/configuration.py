"""The configuration of a site: versions, settings, the environment, and who may come in."""

from __future__ import annotations

import platform
from importlib.metadata import version
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import Error
from django.db.models import Count, Min

from infra.doctor.findings import Findings
from infra.ops.checks import sends_none

PACKAGES = ("django", "djangorestframework", "gunicorn", "psycopg", "pillow")
LOOPBACK = {"127.0.0.1", "localhost", "::1", "testserver"}


def is_local() -> bool:
    """Tell whether people reach the site on its own machine only."""
    return urlsplit(settings.SITE_URL).hostname in LOOPBACK


def versions(found: Findings) -> None:
    """Note the versions of Python and of the main packages."""
    names = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    found.ok("versions", "packages", f"Python {platform.python_version()}, {names}")


def configuration(found: Findings) -> None:
    """Run all system checks, those for deployment unless the site is local; look at switches."""
    run = checks.run_checks(include_deployment_checks=not is_local())
    messages = [message for message in run if not message.is_silenced()]
    for message in messages:
        note = found.fail if message.level >= checks.ERROR else found.warn
        hint = message.hint or "See the documentation of this check."
        note("settings", message.id or "check", message.msg, hint)
    if not messages:
        found.ok("settings", "system checks", "none complains")
    if settings.DEBUG:
        advice = "Set DEBUG=false: errors show the code to every visitor."
        found.warn("settings", "DEBUG", "on", advice)
    if not settings.RATE_LIMITS and not is_local():
        advice = "Set RATE_LIMITS=true: they are off for load tests only."
        found.warn("settings", "RATE_LIMITS", "off", advice)
    proxies(found)
    if former := len(settings.SECRET_KEY_FALLBACKS):
        said = f"{former} former beside the present one: take out 60 days after the change"
        found.ok("settings", "SECRET_KEY", said)
    if "*" in settings.ALLOWED_HOSTS and not is_local():
        advice = "Name the hosts: with * the site answers to any name that points to it."
        found.warn("settings", "ALLOWED_HOSTS", "*", advice)


def proxies(found: Findings) -> None:
    """Check that the proxy, which a site of HTTPS has as gunicorn ends no TLS, is believed."""
    number = settings.TRUSTED_PROXIES
    if settings.SITE_URL.startswith("https://") and not number:
        advice = "Set it to how many proxies of your own there are: 1 with nginx, as setup does."
        detail = "0 with https: pages lead to themselves, all people share one limit"
        found.fail("settings", "TRUSTED_PROXIES", detail, advice)
    else:
        found.ok("settings", "TRUSTED_PROXIES", str(number))


def doors(found: Findings) -> None:
    """Note who may sign up, whether that can work, and whether somebody may administer the site.

    Two queries. A database that cannot be asked has a row of its own already.
    """
    try:
        row = apps.get_model("accounts", "SiteSettings")._default_manager.filter(pk=1).first()
        users = get_user_model()._default_manager
        has_admin = users.filter(is_superuser=True, is_active=True).exists()
    except Error:
        return
    first = "open" if settings.REGISTRATION_OPEN else "closed"
    said = "saved in the admin" if row else "by REGISTRATION_OPEN"
    found.ok("doors", "sign-up", f"{row.sign_up if row else first} ({said})")
    if row and row.email_check == "required" and sends_none():
        advice = "Set EMAIL_URL, or let the site settings in the admin not require confirmation."
        found.fail("doors", "confirmation", "required, and no mail is sent: nobody can", advice)
    if not has_admin:
        advice = "Make one: manage.py createsuperuser"
        found.warn("doors", "administrator", "there is none", advice)


def passkeys(found: Findings) -> None:
    """Look for passkeys that were made for another domain than the site's. One query.

    A database that cannot be asked has a row of its own already.
    """
    domain = urlsplit(settings.SITE_URL).hostname or ""
    model = apps.get_model("accounts", "Passkey")
    others = model._default_manager.exclude(rp_id=domain)
    try:
        lost = others.aggregate(
            keys=Count("pk"), people=Count("user", distinct=True), domain=Min("rp_id")
        )
    except Error:
        return
    if lost["keys"]:
        detail = f"{lost['keys']} of {lost['people']} people work for {lost['domain']} alone"
        advice = (
            f"They make new ones for {domain}; manage.py remove_factors helps who is locked out."
        )
        found.warn("doors", "passkeys", detail, advice)
    else:
        found.ok("doors", "passkeys", f"none is of another domain than {domain}")
