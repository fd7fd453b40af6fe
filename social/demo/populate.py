"""A large data set for benchmarks and load tests, reproducible from its sizes.

People ``user1`` to ``userN`` with follows, photos, likes, counters and complete feeds, written
in bulk in one transaction (``social.demo.plan`` decides what). All photos share a handful of
picture files.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.contrib.auth.hashers import check_password, make_password
from django.db import connections, models, router, transaction
from django.db.models import Count, Min

from accounts.models import Follow, User, UserStats
from minigram_site.cache import invalidate_all
from photos.models import Like, Photo, PhotoStats
from social.demo.plan import (
    DORMANT_PHOTOS,
    MARK,
    SEED,
    START,
    CannotPopulate,
    Plan,
    Sizes,
    make_plan,
    spread_ids,
)
from social.demo.samples import Sample, stored_samples
from social.feed import KEPT_ENTRIES, sql
from social.models import Feed, FeedEntry
from social.notifications import filling

BATCH = 2000
FEED_BATCH = 250
CAPTIONS = (
    "",
    "Morning light",
    "On the way home",
    "Found this today",
    "A quiet place",
    "No filter",
    "Weekend",
    "Still my favourite corner of the city",
    "What a day! Thank you all.",
)

Report = Callable[[str], None]


def populate(*, sizes: Sizes, password: str | None, report: Report) -> bool:
    """Load the data set; ``False`` if it is there already, in these sizes.

    Everybody gets ``password``; with ``None`` nobody can log in. ``report`` takes lines of
    progress. Raises ``CannotPopulate`` for impossible sizes, where another data set is there, or
    where another account has one of the names. Everything is written, or nothing. The usual
    1,000 people and 20,000 photos take about 12 seconds on SQLite.
    """
    sizes.check()
    if _is_there(sizes):
        _set_password(sizes, password)
        return False
    report("Planning who follows whom and who likes what ...")
    plan = make_plan(sizes)
    report("Making the shared pictures ...")
    samples = stored_samples()
    with transaction.atomic():
        _write(plan, sizes, samples, make_password(password), report)
        invalidate_all()
    _analyze()
    return True


def _is_there(sizes: Sizes) -> bool:
    """Tell whether this data set is there; raises ``CannotPopulate`` if another one is."""
    if User.objects.filter(username__startswith="user", bio=sizes.mark).exists():
        return True
    other = User.objects.filter(username__startswith="user", bio__startswith=f"{MARK} ").first()
    if other is not None:
        raise CannotPopulate(
            f"Another data set is there ({other.bio}). Use an empty database (another DATA_DIR "
            "or DATABASE_URL), or the same sizes."
        )
    names = [name for name, _ in _names(sizes)]
    for start in range(0, len(names), 500):
        taken = User.objects.filter(username__in=names[start : start + 500]).first()
        if taken is not None:
            raise CannotPopulate(f"Another account has the name {taken.username}.")
    return False


def _set_password(sizes: Sizes, password: str | None) -> None:
    """Set the password of the data set's people, unless they have it. Costs one hash."""
    people = User.objects.filter(username__startswith="user", bio=sizes.mark)
    if password is None or check_password(password, people.earliest("id").password):
        return
    with transaction.atomic():
        people.update(password=make_password(password))
        invalidate_all()


def _names(sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Yield name and bio of each person, the dormant last."""
    for number in range(1, sizes.users + 1):
        yield f"user{number}", sizes.mark
    for number in range(1, sizes.dormant + 1):
        yield f"dormant{number}", "Has not posted for years."


def _write(
    plan: Plan, sizes: Sizes, samples: Sequence[Sample], password: str, report: Report
) -> None:
    report(f"Writing {sizes.users + sizes.dormant:,} people ...")
    _bulk(User, _people(plan, sizes, password))
    _bulk(UserStats, _people_stats(plan, sizes))
    report(f"Writing {sizes.users * (sizes.follows + sizes.dormant):,} follows ...")
    _bulk(Follow, _follows(plan, sizes))
    report(f"Writing {len(plan.photos) + len(plan.old_photos):,} photos ...")
    _bulk(Photo, _photos(plan, samples))
    _bulk(PhotoStats, _photo_stats(plan))
    report(f"Writing {sizes.likes:,} likes ...")
    _bulk(Like, _likes(plan, sizes))
    filling.fill()
    report("Filling the feeds ...")
    _fill_feeds(plan)


def _bulk(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        model._default_manager.bulk_create(batch)


def _people(plan: Plan, sizes: Sizes, password: str) -> Iterator[User]:
    identifiers = [*plan.people, *plan.dormant]
    for identifier, (name, bio) in zip(identifiers, _names(sizes), strict=True):
        email = f"{name}@example.com"
        yield User(id=identifier, username=name, email=email, bio=bio, password=password)


def _people_stats(plan: Plan, sizes: Sizes) -> Iterator[UserStats]:
    photos = Counter(plan.authors)
    followers = Counter(other for others in plan.follows for other in others)
    for position, identifier in enumerate(plan.people):
        yield UserStats(
            user_id=identifier,
            photo_count=photos[position],
            follower_count=followers[position],
            following_count=sizes.follows + sizes.dormant,
        )
    for identifier in plan.dormant:
        yield UserStats(user_id=identifier, photo_count=DORMANT_PHOTOS, follower_count=sizes.users)


def _follows(plan: Plan, sizes: Sizes) -> Iterator[Follow]:
    identifiers = iter(spread_ids(sizes.users * (sizes.follows + sizes.dormant), START, days=14))
    for follower, others in zip(plan.people, plan.follows, strict=True):
        for followee in (*(plan.people[other] for other in others), *plan.dormant):
            yield Follow(id=next(identifiers), follower_id=follower, followee_id=followee)


def _photos(plan: Plan, samples: Sequence[Sample]) -> Iterator[Photo]:
    authors = [plan.people[author] for author in plan.authors]
    authors += [who for who in plan.dormant for _ in range(DORMANT_PHOTOS)]
    for number, identifier in enumerate([*plan.photos, *plan.old_photos]):
        sample = samples[number % len(samples)]
        yield Photo(
            id=identifier,
            author_id=authors[number],
            caption=CAPTIONS[number % len(CAPTIONS)],
            alt_text=sample.alt_text,
            width=sample.width,
            height=sample.height,
            placeholder=sample.placeholder,
            original=sample.original,
            renditions=sample.renditions,
        )


def _photo_stats(plan: Plan) -> Iterator[PhotoStats]:
    for identifier, likes in zip(plan.photos, plan.likes, strict=True):
        yield PhotoStats(photo_id=identifier, like_count=likes)
    for identifier in plan.old_photos:
        yield PhotoStats(photo_id=identifier)


def _likes(plan: Plan, sizes: Sizes) -> Iterator[Like]:
    rng = random.Random(SEED + 1)
    identifiers = iter(spread_ids(sizes.likes, START + timedelta(days=15), days=14))
    for photo, count in zip(plan.photos, plan.likes, strict=True):
        for user in rng.sample(plan.people, count):
            yield Like(id=next(identifiers), photo_id=photo, user_id=user)


def _fill_feeds(plan: Plan) -> None:
    """Write the newest entries and the end of each feed, ``FEED_BATCH`` people at a time."""
    for owners in (plan.people, plan.dormant):
        for start in range(0, len(owners), FEED_BATCH):
            _fill_some(owners[start : start + FEED_BATCH])


def _fill_some(owners: list[int]) -> None:
    bounds = {"first": owners[0], "last": owners[-1], "kept": KEPT_ENTRIES}
    with connections[router.db_for_write(FeedEntry)].cursor() as cursor:
        cursor.execute(sql.FILL, bounds)
    entries = FeedEntry.objects.filter(owner__in=owners).order_by().values("owner")
    full = entries.annotate(rows=Count("photo")).filter(rows__gte=KEPT_ENTRIES)
    floors = dict(full.annotate(floor=Min("photo")).values_list("owner", "floor"))
    _bulk(Feed, (Feed(owner_id=pk, complete_from=floors.get(pk, 0)) for pk in owners))


def _analyze() -> None:
    """Update PostgreSQL's statistics now, not when its autovacuum comes by."""
    connection = connections[router.db_for_write(User)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
