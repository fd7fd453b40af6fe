"""Reports of errors to a service that speaks Sentry's protocol, if ``SENTRY_DSN`` names one.

The service is told what failed and where in the code, and nothing of people: no request, header,
address, account or value of a variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.logging import EventHandler
from sentry_sdk.utils import BadDsn

import minigram_site

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# What the SDK would add by itself and a report does without.
_LEFT_OUT = ("breadcrumbs", "contexts", "extra", "modules", "request", "server_name", "user")


class ErrorReports(EventHandler):
    """Sends each record to the service, from a thread of its own that nobody waits for.

    The SDK reads ``SENTRY_DSN``. Raises ``ImproperlyConfigured`` if that is no address.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            sentry_sdk.init(
                release=f"minigram@{minigram_site.__version__}",
                before_send=_without_people,
                include_local_variables=False,
                max_request_body_size="never",
                max_breadcrumbs=0,
                auto_session_tracking=False,
                default_integrations=False,
                auto_enabling_integrations=False,
                integrations=[AtexitIntegration(lambda *_: None), DedupeIntegration()],
            )
        except BadDsn as error:
            raise ImproperlyConfigured(
                f"SENTRY_DSN must look like https://KEY@errors.example.org/1 ({error})."
            ) from None


def _without_people(event: Event, hint: Hint) -> Event:
    """Return a report with the kind and place of an error, and the id of its request.

    What an exception says may name anybody; it stands in the site's own log, under that id.
    """
    record: Any = hint["log_record"]
    report: Any = event
    for name in _LEFT_OUT:
        report.pop(name, None)
    report["logentry"] = {"message": str(record.msg)}
    report["tags"] = {"request_id": getattr(record, "request_id", "-")}
    for error in report.get("exception", {}).get("values", []):
        error["value"] = ""
        error.pop("mechanism", None)
    return event
