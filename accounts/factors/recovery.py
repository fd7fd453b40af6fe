"""Recovery codes: for whoever has lost the phone. Each stands for the second factor once.

They have 80 random bits: nobody guesses one, and a hash without a key is enough. So they open the
account after a restore under another ``SECRET_KEY`` too.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata

from django.db import transaction

from accounts.models import RecoveryCode, User

NUMBER = 10
_BYTES = 10
_CODE = re.compile(r"[a-z2-7]{16}")


@transaction.atomic
def renew(user: User) -> list[str]:
    """Return new codes, to be shown once; those from before are worthless. Two statements."""
    codes = [_new_code() for _ in range(NUMBER)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, code)) for code in codes
    )
    return codes


def left(user: User) -> int:
    """Return how many codes of a person have not been used. One query."""
    return RecoveryCode.objects.filter(user=user).count()


def use(user: User, text: str) -> bool:
    """Return whether this is a code of ``user``, and use it up. One statement, which decides.

    In the transaction of a log-in that fails, the code stays good.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).lower()
    if not _CODE.fullmatch(code):
        return False
    used, _ = RecoveryCode.objects.filter(user=user, digest=_digest(user, code)).delete()
    return bool(used)


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _digest(user: User, code: str) -> str:
    text = f"accounts.recovery:{user.pk}:{code.replace('-', '')}"
    return hashlib.sha256(text.encode()).hexdigest()
