#!/usr/bin/env bash
# django-redis 7.0 with Sentinel: two caches behind different Sentinels may share one connection pool.
#
# Behaviour: ConnectionFactory keeps its pools in one dictionary of the process, by the URL of LOCATION alone.
# With SentinelConnectionFactory that URL names no host: it is redis://<service name>/<database>. SENTINELS is
# a part of OPTIONS, and OPTIONS are no part of the key. Two entries of CACHES whose primaries have the same
# service name ("mymaster" in every example) get the pool of whichever is used first, and with it its Sentinels.
#
# Why it surprises: the settings name two sets of servers, and nothing fails. What is written to the one cache
# is read from the other, and the second set of servers is never asked. Another service name, or a different
# user or database in LOCATION, keeps them apart.
#
# Seen on 2026-12-01, each cache behind a Sentinel and a Redis of its own:
#   django-redis 7.0.0, redis-py 8.1.0
#   written to "first", read from "second": only in the first
#   keys in the two servers: 1 and 0
#   with another service name for the second: nothing there
set -euo pipefail

command -v redis-server >/dev/null || { echo "skipped: redis-server is not installed"; exit 0; }
folder=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    django==5.2.19 django-redis==7.0.0 redis==8.1.0 || exit 2

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
start() { # NAME: a Redis, and a Sentinel that knows it by two names
    local redis sentinel
    redis=$(free_port) sentinel=$(free_port)
    redis-server --port "$redis" --bind 127.0.0.1 --save "" --dir "$folder" >"$folder/$1.log" &
    pids+=($!)
    {
        echo "port $sentinel"
        echo "bind 127.0.0.1"
        echo "dir $folder"
        echo "sentinel monitor mymaster 127.0.0.1 $redis 1"
        echo "sentinel monitor $1 127.0.0.1 $redis 1"
    } >"$folder/$1.conf"
    redis-server "$folder/$1.conf" --sentinel >"$folder/$1-sentinel.log" &
    pids+=($!)
    echo "$redis $sentinel" >"$folder/$1.ports"
}
start first
start second
for port in $(cat "$folder"/*.ports); do
    for _ in $(seq 100); do redis-cli -p "$port" ping >/dev/null 2>&1 && continue 2; sleep 0.1; done
    echo "a server did not start"; exit 2
done

cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import redis
from django.conf import settings

servers, sentinels = {}, {}
for name in ("first", "second"):
    servers[name], sentinels[name] = map(int, Path(f"{name}.ports").read_text().split())


def cache(name, service):
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"redis://{service}/0",
        "OPTIONS": {
            "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
            "SENTINELS": [("127.0.0.1", sentinels[name])],
        },
    }


settings.configure(
    CACHES={
        "default": cache("first", "mymaster"),
        "second": cache("second", "mymaster"),
        "named": cache("second", "second"),
    }
)
from importlib.metadata import version

from django.core.cache import caches

print(f"django-redis {version('django-redis')}, redis-py {version('redis')}")
caches["default"].set("where", "only in the first")
found = caches["second"].get("where")
print(f'written to "first", read from "second": {found}')
keys = [redis.Redis(port=servers[name]).dbsize() for name in ("first", "second")]
print(f"keys in the two servers: {keys[0]} and {keys[1]}")
apart = caches["named"].get("where", "nothing there")
print(f"with another service name for the second: {apart}")
if (found, keys, apart) != ("only in the first", [1, 0], "nothing there"):
    sys.exit("changed: caches behind different Sentinels have pools of their own")
PYTHON
