"""The variables that follow from the answers: the site's, and the values of the other servers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from infra.project import PROJECT
from infra.setup.answers import Answers, stage_of
from infra.setup.errors import SetupError
from infra.setup.layout import Layout

# The first stage with each.
WORKER, THREE, REPLICAS, REDIS = 2, 3, 4, 5
# Kilobytes of a form beside its file, as the site has them.
FORM_KB = 256
PASSWORDS = ("DATABASE_PASSWORD", "REPLICATION_PASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD")


def of_servers(
    layout: Layout, former: Mapping[str, str], site: Mapping[str, str]
) -> dict[str, str]:
    """Return the values for the configuration of nginx, PostgreSQL and Redis.

    What ``former`` has stays, passwords above all; ``site`` are the site's former variables.
    """
    megabytes = site.get("MAX_UPLOAD_MB", "30")
    defaults = {
        "NGINX_USER": "www-data",
        "NGINX_RUN_DIR": "/run",
        "NGINX_LOG_DIR": "/var/log/nginx",
        "NGINX_LOG_CLIENTS": "network",
        "NGINX_TEMP_DIR": "/var/lib/nginx",
        "NGINX_LISTEN": "443",
        "NGINX_HTTP_LISTEN": "80",
        "TLS_CERTIFICATE": str(layout.tls / "certificate.pem"),
        "TLS_KEY": str(layout.tls / "key.pem"),
        "SOCKET_DIR": str(layout.sockets),
        "DATA_DIR": str(layout.data),
        "ERRORS_DIR": str(PROJECT / "infra/nginx/errors"),
        "EDGE_LUA_DIR": str(PROJECT / "infra/nginx"),
        "EDGE_REDIS": "127.0.0.1:6379",
        "EDGE_REDIS_PASSWORD_FILE": str(layout.configuration / "redis.password"),
        "POSTGRES_LISTEN": "127.0.0.1",
        "POSTGRES_NETWORK": "127.0.0.1/32",
        "POSTGRES_SOCKET_DIR": "/var/run/postgresql",
        "POSTGRES_SHARED_BUFFERS": "256MB",
        "POSTGRES_EFFECTIVE_CACHE": "1GB",
        "POSTGRES_SLOT_SIZE": "4GB",
        "POSTGRES_APPLY_DELAY": "0",
        "PRIMARY_HOST": "127.0.0.1",
        "PRIMARY_PORT": "5432",
        "REDIS_SOCKET": "/run/redis/redis.sock",
        "REDIS_DIR": "/var/lib/redis",
        "REDIS_MEMORY": "256mb",
        "REDIS_BIND": "127.0.0.1",
        "REDIS_PORT": "6379",
        "REDIS_PRIMARY": "127.0.0.1",
        "REDIS_REPLICA_OF": "",
        "SENTINEL_PORT": "26379",
        **{name: secrets.token_urlsafe(48) for name in PASSWORDS},
    }
    as_the_site = {
        "MEDIA_ROOT": _media_folder(layout, site),
        "MAX_UPLOAD_MB": megabytes,
        "UPLOAD_LIMIT_KB": str(1024 * int(megabytes) + FORM_KB) if megabytes.isdigit() else "0",
    }
    stays = {name: value for name, value in former.items() if name in defaults}
    return {**defaults, **stays, **as_the_site}


def of_site(
    answers: Answers,
    layout: Layout,
    former: Mapping[str, str],
    servers: Mapping[str, str],
    given: Mapping[str, str],
) -> dict[str, str]:
    """Return the site's variables.

    ``given`` are addresses named by the owner (``DATABASE_URL``, …); those that are missing are of
    servers on this host, with the passwords of ``servers``. Secrets, and what an owner has set
    otherwise, stay. Raises ``SetupError`` for a stage below the one that the site has, and for one
    that would leave its rows behind in SQLite.
    """
    stage = int(answers.stage)
    if former and stage < stage_of(former):
        raise SetupError(
            f"The site is at stage {stage_of(former)}: a stage back is not a matter of variables. "
            "A backup, an empty site of the other stage and a restore are the way."
        )
    if former and stage >= WORKER > stage_of(former):
        raise SetupError(
            "The site's rows are in SQLite: Stage 2 of infra/README.md moves them, and then names "
            "the database in site.env."
        )
    is_bucket = "://" in former.get("MEDIA_ROOT", "")
    values = {
        "SECRET_KEY": former.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "SITE_URL": f"https://{answers.domain}",
        "SITE_NAME": answers.site_name,
        "EMAIL_URL": answers.email_url,
        "REGISTRATION_OPEN": "true" if answers.registration == "open" else "false",
        "DATA_DIR": str(layout.data),
        "MEDIA_ROOT": former.get("MEDIA_ROOT") or str(layout.data / "media"),
        "TRUSTED_PROXIES": former.get("TRUSTED_PROXIES", "1"),
        "MEDIA_ACCEL_PREFIX": former.get("MEDIA_ACCEL_PREFIX", "" if is_bucket else "/protected/"),
        "ACCESS_LOG": former.get("ACCESS_LOG", "true"),
        "INSTANCES": former.get("INSTANCES", "1"),
    }
    if stage >= THREE and values["INSTANCES"] == "1":
        values["INSTANCES"] = "3"
    if stage >= WORKER:
        values["BACKGROUND_WORKER"] = "true"
    for name, (first_stage, default) in _addresses(servers).items():
        if stage >= first_stage:
            stays = former.get(name, "") if stage_of(former) >= first_stage else ""
            values[name] = given.get(name) or stays or default
    return values


def _addresses(servers: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Return the stage from which each address is needed, and that of a server on this host."""
    password, port = servers["DATABASE_PASSWORD"], int(servers["PRIMARY_PORT"])
    at = [f"postgres://minigram:{password}@127.0.0.1:{port + n}/minigram" for n in range(3)]
    return {
        "DATABASE_URL": (WORKER, at[0]),
        "DATABASE_REPLICA_URLS": (REPLICAS, ",".join(at[1:])),
        "CACHE_URL": (REDIS, f"redis://:{servers['REDIS_PASSWORD']}@127.0.0.1:6379/0"),
    }


def _media_folder(layout: Layout, site: Mapping[str, str]) -> str:
    """Return the folder of pictures, for nginx; with pictures in a bucket an empty one."""
    named = site.get("MEDIA_ROOT", "")
    return named if named and "://" not in named else str(layout.data / "media")
