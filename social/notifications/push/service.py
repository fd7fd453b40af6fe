"""Sending what is new to devices: by the worker, which looks at the notifications themselves.

There is no queue that could lose something: a notification is written with its cause, and a device
knows up to which one it was told. A device is claimed, told, and only then moved on. A process that
dies in between has it told once more, under the same tag: the browser puts it in the place of the
first, without a sound.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from minigram_site.fields.snowflake import id_at
from social.moderation import failures
from social.moderation.models import FailureCount
from social.notifications import wording
from social.notifications.activity import Activity, activity_page
from social.notifications.models import Notification, PushDevice
from social.notifications.push import devices, keys
from social.notifications.push.sending import Message, Result, Target, deliver

# Devices that one look tells, and at once. Each takes 16 s at the worst (two time-outs).
BATCH, AT_ONCE = 32, 8
# Longer than that.
CLAIMED_FOR = timedelta(minutes=2)
# Whoever is liked a hundred times in a minute hears of it twice.
PAUSE = timedelta(seconds=30)
# A transaction may write what has an older id than what is there: so long nothing is sent.
SETTLING = timedelta(seconds=5)
# More than that is one message.
SINGLY = 3
LOOKED_AT = 20
# Seconds to wait after the first failure, twice as long after each further one, and at most.
FIRST_WAIT, LONGEST_WAIT = 30, 3600
# About a week.
GIVEN_UP_AFTER = 170


def send_due() -> int:
    """Tell the devices that have news; return how many were claimed. Safe at any time.

    One query where there is nothing; else up to ten for each device.
    """
    if not keys.is_available():
        return 0
    now = timezone.now()
    settled = id_at(now - SETTLING)
    due = PushDevice.objects.due(now, settled).select_related("owner")[:BATCH]
    jobs = [(device, _news(device, settled)) for device in list(due) if _claim(device, now)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Not one query in these threads.
        results = pool.map(_delivered, jobs)
        for (device, (messages, up_to)), (result, wait) in zip(jobs, results, strict=True):
            if messages is None or result == Result.GONE:
                PushDevice.objects.filter(pk=device.pk).delete()
            elif result == Result.SENT:
                _told(device, up_to, paused=bool(messages))
            else:
                _failed(device, wait)
    return len(jobs)


def delete_closed() -> int:
    """Delete the devices whose log-in has ended; return how many. Two queries for each device."""
    closed = [
        device.pk
        for device in PushDevice.objects.select_related("owner").iterator()
        if not devices.is_open(device)
    ]
    return PushDevice.objects.filter(pk__in=closed).delete()[0]


def _claim(device: PushDevice, now: datetime) -> bool:
    mine = PushDevice.objects.filter(pk=device.pk, due_at=device.due_at)
    return bool(mine.update(due_at=now + CLAIMED_FOR))


def _news(device: PushDevice, settled: int) -> tuple[list[Message] | None, int]:
    """Return the messages for a device, and up to where they tell; ``None`` if it is to go."""
    if not devices.is_open(device):
        return None, 0
    moved = Notification.objects.filter(recipient=device.owner_id, latest__lte=settled)
    up_to = moved.aggregate(newest=Max("latest"))["newest"] or 0
    shown = [
        one
        for one in activity_page(device.owner, None, LOOKED_AT).items
        if one.unread and not one.filtered and device.sent_up_to < one.latest <= up_to
    ]
    return _messages(shown), up_to


def _messages(shown: list[Activity]) -> list[Message]:
    title, page = settings.SITE_NAME, reverse("social:activity")
    if len(shown) > SINGLY:
        number = len(shown)
        words = ngettext("%(number)d new notification", "%(number)d new notifications", number)
        return [Message(title, words % {"number": number}, page, "activity")]
    # No words of a comment: a locked screen shows it to whoever is there.
    return [Message(title, str(wording.sentence(one)), one.url or page, one.key) for one in shown]


def _delivered(
    job: tuple[PushDevice, tuple[list[Message] | None, int]],
) -> tuple[Result, int]:
    device, (messages, _) = job
    if not messages:
        return Result.SENT, 0
    return deliver(Target(device.endpoint, device.p256dh, device.auth), messages)


def _told(device: PushDevice, up_to: int, *, paused: bool) -> None:
    due_at = timezone.now() + (PAUSE if paused else timedelta())
    PushDevice.objects.filter(pk=device.pk).update(sent_up_to=up_to, due_at=due_at, failures=0)


def _failed(device: PushDevice, wait: int) -> None:
    """Try again later, or give a device up that has failed for about a week."""
    failures.count(FailureCount.Kind.BACKGROUND)
    mine = PushDevice.objects.filter(pk=device.pk)
    if device.failures >= GIVEN_UP_AFTER:
        mine.delete()
        return
    seconds = max(wait, min(FIRST_WAIT * 2 ** min(device.failures, 10), LONGEST_WAIT))
    due_at = timezone.now() + timedelta(seconds=seconds)
    mine.update(due_at=due_at, failures=device.failures + 1)
