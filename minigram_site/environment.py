"""The environment variables that configure MiniGram: the one file that names and reads them.

Every variable is declared once, in ``read_environment``. A value that cannot be understood is
never replaced by a default: all faults are reported together, each with the name of its variable,
so that a faulty configuration is found at the start and not by visitors. ``infra/example.env``
documents the variables, and a test checks that it has all of them and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

from minigram_site import cache_url, database_url, faults
from minigram_site.database_url import POSTGRESQL, UnusableAddress
from minigram_site.rate_limits import FACTORS, RATES, Rates, parse
from minigram_site.storage.address import BUCKET_BACKEND, UnusableBucket, bucket_options

PROJECT_DIR = Path(__file__).resolve().parent.parent

# The value in infra/example.env, which is public and therefore refused.
SAMPLE_SECRET = "change-me-to-a-long-random-text-of-fifty-or-more-characters"  # noqa: S105
MIN_SECRET_LENGTH = 50
LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]
# Each also with lines that are objects of JSON.
LOG_FORMS = [*LOG_LEVELS, *(f"{level},json" for level in LOG_LEVELS)]
# As ``env.bool`` reads them.
_TRUE = {"true", "t", "on", "yes", "y", "1"}
_FALSE = {"false", "f", "off", "no", "n", "0"}
_ACCEL_PREFIX = validate.Regexp(r"^(/[A-Za-z0-9_-]+)+/$|^$")


@dataclass(frozen=True)
class Environment:
    """The validated configuration; ``infra/example.env`` documents each value."""

    debug: bool
    secret_keys: list[str]
    site_url: str
    site_name: str
    allowed_hosts: list[str]
    data_dir: Path
    media_root: Path
    bucket: dict[str, Any]
    media_accel_prefix: str
    database: dict[str, Any]
    replicas: list[dict[str, Any]]
    cache: dict[str, Any]
    email: dict[str, Any]
    instance_id: int
    max_upload_mb: int
    max_image_megapixels: int
    trusted_proxies: int
    background_worker: bool
    rate_limits: tuple[Rates, dict[str, int]] | None
    registration_open: bool
    log_level: str

    @property
    def https(self) -> bool:
        """Whether people reach the site over HTTPS."""
        return urlsplit(self.site_url).scheme == "https"

    @property
    def redis_url(self) -> str:
        """The URL of Redis as redis-py reads it; empty where the cache is none in Redis."""
        return cache_url.redis_url(self.cache)

    @property
    def cache_settings(self) -> dict[str, Any]:
        """One of Django's ``CACHES``."""
        return cache_url.django_settings(self.cache)

    @property
    def default_from_email(self) -> str:
        """The sender of e-mails, which is a part of ``EMAIL_URL``."""
        return str(self.email.get("DEFAULT_FROM_EMAIL") or "MiniGram <minigram@localhost>")

    @property
    def media_storage(self) -> dict[str, Any]:
        """One of Django's ``STORAGES``: that of pictures."""
        if self.bucket:
            return {"BACKEND": BUCKET_BACKEND, "OPTIONS": self.bucket}
        return {"BACKEND": "minigram_site.storage.local.LocalStorage"}

    @property
    def media_origin(self) -> str:
        """The origin that browsers fetch pictures from; empty where that is the site itself."""
        return str(self.bucket.get("endpoint_url", ""))

    @property
    def host(self) -> str:
        """The host name in ``SITE_URL``, without a port."""
        return urlsplit(self.site_url).hostname or ""


def read_environment() -> Environment:
    """Return the configuration held by ``os.environ``.

    Raises ``ImproperlyConfigured`` with one line per faulty variable.
    """
    env = Env(eager=False)
    env.add_parser("bucket", _bucket)
    env.add_parser("cache", _cache)
    env.add_parser("database", _database)
    env.add_parser("replicas", _replicas)
    env.add_parser("keys", _keys)
    env.add_parser("limits", _limits)
    env.add_parser("email", faults.email_settings)
    data_dir = env.path("DATA_DIR", PROJECT_DIR / "data")
    values = Environment(
        debug=env.bool("DEBUG", False),
        secret_keys=env.keys("SECRET_KEY", ""),
        site_url=env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/"),
        site_name=env.str("SITE_NAME", "") or "MiniGram",
        allowed_hosts=env.list("ALLOWED_HOSTS", []),
        data_dir=data_dir,
        media_root=_folder(env.str("MEDIA_ROOT", ""), data_dir / "media"),
        bucket=env.bucket("MEDIA_ROOT", {}),
        media_accel_prefix=env.str("MEDIA_ACCEL_PREFIX", "", validate=_ACCEL_PREFIX),
        database=env.database("DATABASE_URL", f"sqlite:///{data_dir}/db.sqlite3"),
        replicas=env.replicas("DATABASE_REPLICA_URLS", []),
        cache=env.cache("CACHE_URL", "locmem://minigram"),
        email=env.email("EMAIL_URL", "console://"),
        instance_id=env.int("INSTANCE_ID", 0, validate=_within("INSTANCE_ID")),
        max_upload_mb=env.int("MAX_UPLOAD_MB", 30, validate=_within("MAX_UPLOAD_MB")),
        max_image_megapixels=env.int(
            "MAX_IMAGE_MEGAPIXELS", 50, validate=_within("MAX_IMAGE_MEGAPIXELS")
        ),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=_within("TRUSTED_PROXIES")),
        background_worker=env.bool("BACKGROUND_WORKER", False),
        rate_limits=env.limits("RATE_LIMITS", "true"),
        registration_open=env.bool("REGISTRATION_OPEN", True),
        log_level=env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(LOG_FORMS)),
    )
    try:
        env.seal()
    except EnvError as error:
        errors = getattr(error, "error_messages", {})
        raise ImproperlyConfigured("\n".join(faults.sentences(errors))) from None
    if found := _faults(values):
        raise ImproperlyConfigured("\n".join(found))
    if values.database["ENGINE"] == POSTGRESQL and not values.replicas:
        # Whichever of them is the primary is not read from as a replica.
        return replace(values, replicas=database_url.members(values.database))
    return values


def _faults(values: Environment) -> list[str]:
    """Return the faults that the type of a single variable does not show, one sentence each."""
    found = [
        *faults.of_site_url(values.site_url, debug=values.debug),
        *faults.of_hosts(values.allowed_hosts),
        *faults.of_folders(values.data_dir, values.media_root),
        *faults.of_database(values.database, values.data_dir),
    ]
    if values.redis_url:
        found += faults.of_redis(values.redis_url)
    if not values.site_name.isprintable():
        found.append("SITE_NAME must be one line without control characters.")
    if values.replicas and values.database.get("ENGINE") != POSTGRESQL:
        found.append("DATABASE_REPLICA_URLS needs PostgreSQL as DATABASE_URL.")
    if values.bucket and values.media_accel_prefix:
        found.append("MEDIA_ACCEL_PREFIX is for files: with a bucket as MEDIA_ROOT leave it empty.")
    if not values.debug:
        found += _secret_faults(values.secret_keys)
    return found


def _within(name: str) -> validate.Range:
    """Return the check of a number that the limits of its variable give."""
    return validate.Range(*faults.LIMITS[name])


def _keys(value: str) -> list[str]:
    """Return the keys in a value that separates them by commas; one alone is taken as it is."""
    parts = value.split(",") if value else []
    return [part.strip() for part in parts] if len(parts) > 1 else parts


def _secret_faults(secret_keys: list[str]) -> list[str]:
    """Return why these secrets are not good enough for a production site: one sentence or none."""
    if not secret_keys:
        return ["SECRET_KEY is missing: set it to a long random text, and keep it secret."]
    if SAMPLE_SECRET in secret_keys:
        return ["SECRET_KEY is still the sample from infra/example.env: choose your own."]
    if min(map(len, secret_keys)) < MIN_SECRET_LENGTH:
        several = "; of several, with commas between, each" if len(secret_keys) > 1 else ""
        return [
            f"SECRET_KEY is too short: use at least {MIN_SECRET_LENGTH} random characters{several}."
        ]
    if len(set(secret_keys)) < len(secret_keys):
        return ["SECRET_KEY holds the same key twice: the first signs, the others are former ones."]
    return []


def make_folder(folder: Path) -> None:
    """Make the folder of the site's data, for its owner alone; one that exists stays as it is.

    Raises ``ImproperlyConfigured`` if it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR must be a folder that the site may make or use: {folder} ({error.strerror})."
        ) from None


def _folder(value: str, default: Path) -> Path:
    """Return the folder named by ``MEDIA_ROOT``, or the default if it names none or a bucket."""
    return Path(value) if value and "://" not in value else default


def _cache(value: str) -> dict[str, Any]:
    """Return what ``CACHE_URL`` says; messages never repeat its password."""
    try:
        return cache_url.parse(value)
    except cache_url.UnusableAddress as error:
        raise EnvError(str(error)) from None


def _database(value: str) -> dict[str, Any]:
    """Return Django's settings for ``DATABASE_URL``; messages never repeat its password."""
    try:
        return database_url.parse(value)
    except UnusableAddress as error:
        raise EnvError(str(error)) from None


def _replicas(value: str | list[str]) -> list[dict[str, Any]]:
    """Return Django's settings for each of ``DATABASE_REPLICA_URLS``, separated by commas."""
    addresses = [address.strip() for address in value.split(",")] if isinstance(value, str) else []
    replicas = [_database(address) for address in addresses if address]
    if any(replica["ENGINE"] != POSTGRESQL for replica in replicas):
        raise EnvError("Each of them must look like postgres://name:password@host:5432/database.")
    return replicas


def _limits(value: str) -> tuple[Rates, dict[str, int]] | None:
    """Return the rates and factors that ``RATE_LIMITS`` sets; ``None`` for no limits."""
    word = value.strip().lower()
    if word in _FALSE:
        return None
    if word in _TRUE:
        return RATES, FACTORS
    try:
        return parse(word)
    except ValueError as error:
        raise EnvError(str(error)) from None


def _bucket(value: str) -> dict[str, Any]:
    """Return the options of the S3 storage in ``MEDIA_ROOT``; none where that is a folder."""
    try:
        return bucket_options(value)
    except UnusableBucket as error:
        raise EnvError(str(error)) from None
