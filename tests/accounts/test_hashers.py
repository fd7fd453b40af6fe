"""Passwords are hashed in one thread of a process, so that memory is needed for one at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2.exceptions import HashingError
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.hashers import Argon2idHasher
from tests.source import PROJECT

HASH_MEGABYTES = 19
GROWTH = """
import django, pathlib
django.setup()
from concurrent.futures import ThreadPoolExecutor
from accounts.hashers import Argon2idHasher
pages = lambda: int(pathlib.Path("/proc/self/statm").read_text().split()[1])
before, hasher = pages(), Argon2idHasher()
with ThreadPoolExecutor(8) as threads:
    list(threads.map(lambda _: hasher.encode("a password", "a salt of it"), range(16)))
print((pages() - before) * 4096 // 2**20)
"""


def test_hashes_of_many_threads_are_computed_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def encode(self: object, password: str, salt: str) -> str:
        seen.append(threading.get_ident())
        return password

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    hasher = Argon2idHasher()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: hasher.encode(str(number), ""), range(40)))
    assert len(seen) == 40
    assert len({*seen}) == 1
    assert threading.get_ident() not in seen


@pytest.mark.skipif(sys.platform != "linux", reason="the memory is read from /proc")
def test_eight_threads_keep_the_memory_of_one_hash() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    run = subprocess.run(
        [sys.executable, "-c", GROWTH],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout) < 3 * HASH_MEGABYTES


def test_what_a_hash_raises_reaches_the_caller() -> None:
    with pytest.raises(HashingError, match="Salt"):
        Argon2idHasher().encode("a password", "")


def test_a_forked_process_hashes_in_a_thread_of_its_own() -> None:
    hasher = Argon2idHasher()
    encoded = hasher.encode("a password", "a salt of it")
    if (child := os.fork()) == 0:
        os._exit(0 if hasher.verify("a password", encoded) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
