"""How passwords are stored, and that one at a time is hashed in each process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum (19 MiB, two passes, one lane): about 21 ms of CPU.

    Source: OWASP Password Storage Cheat Sheet. Django's own parameters cost seven times that,
    which one small server feels when a hundred people log in at once.

    All hashes of a process are computed in one thread. glibc keeps freed memory for the thread that
    has asked for it: with eight threads of requests the 19 MiB stayed in the process eight times. A
    process has one CPU in any case (docs/adr/0011-workers-stay-on-one-cpu.md).
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return ``password`` as it is stored. Waits for the hashes of other threads."""
        return _thread().submit(super().encode, password, salt).result()

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether ``encoded`` was made from ``password``. Waits for those of other threads."""
        return _thread().submit(super().verify, password, encoded).result()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="password hashes")


# The thread does not survive a fork.
os.register_at_fork(after_in_child=_thread.cache_clear)
