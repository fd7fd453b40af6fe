"""Paths as logs may show them: without what is secret in the links of mails and invitations."""

from __future__ import annotations

import re

# Who has such a link may do what it is for.
_SECRET = re.compile(
    r"^(/+password-reset/+)[^/]+/.+|^(/+(?:appeals|confirm-email|invite)/).+"
    r"|^(/+s/+|/+api/+v1/+shared/+)[^/]+.*",
    re.DOTALL,
)


def without_secrets(path: str) -> str:
    """Return a path with "..." in place of what is secret in it; any other text as it is."""
    return _SECRET.sub(r"\1\2\3...", path)
