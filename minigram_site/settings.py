"""MiniGram's settings, one file for all machines.

All that differs between a laptop and five servers is in environment variables:
``minigram_site.environment`` names, reads and checks them, ``infra/example.env`` documents them.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from minigram_site import __version__, database_url, languages, rate_limits
from minigram_site.api.openapi.document import document_settings
from minigram_site.api.openapi.headers import ANSWER_HEADERS
from minigram_site.environment import make_folder, read_environment
from minigram_site.logs.settings import log_settings

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read_environment()

# ---------------------------------------------------------------- the site
VERSION = __version__
DEBUG = ENVIRONMENT.debug
# A development server may start without a secret key; its sessions end with the process.
# What former keys have signed is accepted as well (docs/operations.md, "A new SECRET_KEY").
SECRET_KEY, *SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_keys or [secrets.token_urlsafe(64)]
SITE_URL = ENVIRONMENT.site_url
SITE_NAME = ENVIRONMENT.site_name
ALLOWED_HOSTS = [ENVIRONMENT.host, *ENVIRONMENT.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
REGISTRATION_OPEN = ENVIRONMENT.registration_open
INSTANCE_ID = ENVIRONMENT.instance_id
DATA_DIR = ENVIRONMENT.data_dir
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

ROOT_URLCONF = "minigram_site.urls"
WSGI_APPLICATION = "minigram_site.wsgi.application"

INSTALLED_APPS = [
    "infra",
    "social",
    "photos",
    "accounts",
    "minigram_site.cache",
    "accounts.factors.admin_apps.FactorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.api.cors.ApiOrigins",
    "minigram_site.web.languages.middleware.LanguageMiddleware",
    "minigram_site.web.bodies.compression.compress_words",
    "minigram_site.web.middleware.site_rules",
    "minigram_site.web.read_your_writes.route_reads",
    "minigram_site.web.middleware.count_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.authentication.members.MemberMiddleware",
    "accounts.doors.middleware.former_names",
    "accounts.doors.middleware.MembersOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minigram_site.web.middleware.ContentSecurityPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "minigram_site.web.middleware.UnavailableErrors",
    "minigram_site.web.read_your_writes.FailedReads",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "minigram_site.web.templating.loader.TrimmingLoader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "libraries": {
                "fragments": "minigram_site.web.templating.fragments",
                # Django's, with what is written out in templates looked up once per language.
                "i18n": "minigram_site.web.templating.i18n",
                "icons": "minigram_site.web.templating.icons",
                "linked": "minigram_site.web.templating.linked",
                "navigation": "minigram_site.web.templating.navigation",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "minigram_site.web.context_processors.site",
                "accounts.doors.context_processors.doors",
                "social.context_processors.navigation",
            ],
        },
    },
]

# The library "i18n" is meant to stand for Django's.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]

# ---------------------------------------------------------------- data
# SQLite as a production database. WAL: readers never wait for the writer. IMMEDIATE: transactions
# take the write lock at their start, so that they wait for each other instead of failing half-way
# with "database is locked". synchronous=NORMAL: under WAL, a power failure costs at most the last
# transactions and never corrupts the file.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=NORMAL;"
        "PRAGMA cache_size=-32000;"
        "PRAGMA mmap_size=268435456;"
        "PRAGMA temp_store=MEMORY;"
    ),
}


def _database(config: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """Return one of Django's ``DATABASES``: ``config`` (the URL) with what all sites need.

    ``defaults`` are those of ``database_url.postgresql_options``.
    """
    if config["ENGINE"] == database_url.POSTGRESQL:
        options = database_url.postgresql_options(config["OPTIONS"], **defaults)
        # Connections are kept by the pool, not by the thread that used one last.
        return {**config, "OPTIONS": options, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    return {
        **config,
        "OPTIONS": SQLITE_OPTIONS,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Tests use a file as the site does: a database in memory has no WAL and other locks.
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }


# For its owner alone. Where a unit or an image has made it, its group may enter: that is nginx.
make_folder(DATA_DIR)
# "default" is the primary; "replica1", "replica2", … its streaming replicas, if there are any.
REPLICAS = [f"replica{number}" for number, _ in enumerate(ENVIRONMENT.replicas, start=1)]
DATABASES = {"default": _database(ENVIRONMENT.database)} | {
    # Short time-outs: what one replica does not answer soon another server can.
    alias: _database(replica, pool_timeout=1, read_timeout=2) | {"TEST": {"MIRROR": "default"}}
    for alias, replica in zip(REPLICAS, ENVIRONMENT.replicas, strict=True)
}
DATABASE_ROUTERS = ["minigram_site.db.router.ReadWriteRouter"] if REPLICAS else []
# In Redis (Stage 5), or in each process, where it holds counts of rate limits and little more.
REDIS_URL = ENVIRONMENT.redis_url
CACHES = {"default": ENVIRONMENT.cache_settings}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ACCEL_PREFIX = ENVIRONMENT.media_accel_prefix
MEDIA_ROOT = ENVIRONMENT.media_root
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "minigram_site" / "static"]
STORAGES = {
    "default": ENVIRONMENT.media_storage,
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "minigram_site.storage.static_files.HashedStaticFiles"
        )
    },
}

# ---------------------------------------------------------------- uploads
MAX_UPLOAD_BYTES = ENVIRONMENT.max_upload_mb * 1024 * 1024
# What phones sell as 50 megapixels has up to 8192 × 6144 pixels: makers round down.
MAX_IMAGE_PIXELS = ENVIRONMENT.max_image_megapixels * 1_010_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "minigram_site.web.bodies.refused.UnnamedUploadHandler",
]

# Uploads are processed inside the request, or by ``manage.py worker`` (social.publishing.tasks).
BACKGROUND_WORKER = ENVIRONMENT.background_worker
TASKS = {
    "default": {
        "BACKEND": (
            "minigram_site.tasks.NotifyingBackend"
            if BACKGROUND_WORKER
            else "django_tasks.backends.immediate.ImmediateBackend"
        )
    }
}

# ---------------------------------------------------------------- accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NameOrEmailBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "social:feed"
LOGOUT_REDIRECT_URL = "social:landing"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=2).total_seconds())

# ---------------------------------------------------------------- e-mail
# EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT and the others, as far as EMAIL_URL gives them.
globals().update(
    {name: value for name, value in ENVIRONMENT.email.items() if name.startswith("EMAIL_")}
)
# Seconds for each step of a mail: a server that accepts connections may say nothing.
EMAIL_TIMEOUT = ENVIRONMENT.email.get("EMAIL_TIMEOUT") or 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.default_from_email

# ---------------------------------------------------------------- security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.https
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "minigram_site.web.errors.csrf_failed"
LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    # JSON loads no resources, and the pages of /api/docs/ have styles of their own.
    "EXCLUDE_URL_PREFIXES": ["/api/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *filter(None, [ENVIRONMENT.media_origin])],
        # The size and the placeholder of a picture are style attributes. Scripts are never inline.
        "style-src-attr": ["'unsafe-inline'"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# ---------------------------------------------------------------- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["minigram_site.api.parsing.ShallowJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "minigram_site.api.negotiation.ReadableAccept",
    "DEFAULT_RENDERER_CLASSES": ["minigram_site.api.rendering.OrjsonRenderer"],
    "DEFAULT_PAGINATION_CLASS": "minigram_site.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "minigram_site.api.openapi.schema.StatedSchema",
    "EXCEPTION_HANDLER": "minigram_site.api.errors.handle",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "x-read-after", "x-share-key"]
CORS_EXPOSE_HEADERS = ANSWER_HEADERS
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=60),
    "AUTH_TOKEN_CLASSES": ["accounts.api.signing.AccessToken"],
    "ALGORITHM": "HS256",
    "USER_ID_CLAIM": "sub",
}
SPECTACULAR_SETTINGS = document_settings(version=VERSION, site_name=SITE_NAME, site_url=SITE_URL)

# ---------------------------------------------------------------- limits
# Requests and seconds by class of call; minigram_site.web.throttling says by whom they are counted.
RATE_LIMITS = ENVIRONMENT.rate_limits is not None
THROTTLE_RATES, THROTTLE_FACTORS = ENVIRONMENT.rate_limits or (rate_limits.RATES, {})

# ---------------------------------------------------------------- languages, time, log
# LANGUAGES, LANGUAGE_CODE, LOCALE_PATHS, and the cookie's.
globals().update({name: value for name, value in vars(languages).items() if name.isupper()})
TIME_ZONE = "UTC"
LOGGING = log_settings(ENVIRONMENT.log_level)
