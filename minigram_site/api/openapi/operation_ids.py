"""The names of operations, which become those of functions in generated clients.

A name is the words of the address and what is done there: ``photos_comments_create``. Where the
address alone says what ``PUT``, ``DELETE`` or ``POST`` mean, it is named for that: ``photos_like``
and ``photos_unlike``. ``tests/minigram_site/api/openapi/operations.txt`` lists them: clients call
them, so that a name changes on purpose only.
"""

from __future__ import annotations

# By the end of an address: what PUT and DELETE do there. {} stands for a parameter.
_ON_AND_OFF = {
    "album-invitations/{}": ("accept", "decline"),
    "albums/{}/members/{}": ("invite", "remove"),
    "albums/{}/photos/{}": ("add", "remove"),
    "requests/{}": ("accept", "decline"),
    "followers/{}": ("", "remove"),
    "links/{}": ("", "revoke"),
    "invitations/{}": ("", "withdraw"),
    "activity/device": ("register", "remove"),
}
# The last word of an address: what PUT and DELETE make of it.
_STATES = {
    "archive": ("archive", "unarchive"),
    "block": ("block", "unblock"),
    "follow": ("follow", "unfollow"),
    "hide-suggestion": ("hide_suggestion", "show_suggestion"),
    "like": ("like", "unlike"),
    "mute": ("mute", "unmute"),
    "pin": ("pin", "unpin"),
    "saved": ("save", "unsave"),
    "report": ("report", ""),
    "appeal": ("appeal", ""),
    "position": ("move", ""),
}
# The last word of an address: what POST does there, where that is not to create one.
_ACTS = {
    "confirm": "confirm",
    "confirm-email": "confirm_email",
    "deletion": "begin_deletion",
    "from-media": "create_from_media",
    "link": "send_link",
    "logout": "log_out",
    "parts": "send_part",
    "passkey": "log_in_with_passkey",
    "password": "change_password",
    "password-reset": "reset_password",
    "provider": "log_in_with_provider",
    "publish": "publish",
    "question": "ask",
    "read": "mark_read",
    "recovery-codes": "renew_recovery_codes",
    "refresh": "refresh",
    "register": "register",
    "restore": "restore",
    "retry": "retry",
    "start": "start",
    "token": "log_in",
    "totp": "begin_totp",
    "unconfirmed": "correct_address",
    "unlock": "unlock",
}
_PLAIN = {
    "GET": "get",
    "POST": "create",
    "PUT": "set",
    "PATCH": "update",
    "DELETE": "delete",
}


def operation_id(method: str, path: str, *, is_list: bool) -> str:
    """Return the name of an operation: ``path`` is its address below ``/api/v1/``."""
    parts = [("{}" if part.startswith("{") else part) for part in path.strip("/").split("/")]
    words, verb = _named(method, parts, is_list=is_list)
    return "_".join([*(word.replace("-", "_") for word in words if word != "{}"), verb])


def _named(method: str, parts: list[str], *, is_list: bool) -> tuple[list[str], str]:
    """Return the words of the address that come before the verb, and the verb."""
    place = {"PUT": 0, "DELETE": 1}.get(method)
    if place is not None:
        for length in (4, 2):
            pair = _ON_AND_OFF.get("/".join(parts[-length:]))
            if pair and pair[place]:
                return parts, pair[place]
        pair = _STATES.get(parts[-1])
        if pair and pair[place]:
            return parts[:-1], pair[place]
    if method == "POST" and parts[-1] in _ACTS:
        return parts[:-1], _ACTS[parts[-1]]
    return parts, "list" if is_list else _PLAIN[method]
