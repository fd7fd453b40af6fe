"""Lua scripts that Redis runs, each as one atomic step."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from minigram_site.redis import client
from minigram_site.redis.client import Argument, Command


class Script:
    """A Lua script that is sent by its SHA-1 hash, and in full where Redis does not know it."""

    def __init__(self, *paths: Path, **constants: int) -> None:
        """Read the script once: ``paths`` are joined, after a local variable for each constant.

        Raises ``OSError`` if a file cannot be read.
        """
        head = [f"local {name} = {value}\n" for name, value in constants.items()]
        self._text = "".join([*head, *(path.read_text("utf-8") for path in paths)])
        self._hash = sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], *arguments: Argument) -> Any:
        """Run the script and return its answer; raises ``Unreachable``. One round trip.

        Two where Redis has lost the script.
        """
        parts = (len(keys), *keys, *arguments)
        try:
            return client.call("EVALSHA", self._hash, *parts)
        except NoScriptError:
            return client.call("EVAL", self._text, *parts)

    def command(self, keys: Sequence[str], *arguments: Argument) -> Command:
        """Return the command that runs the script, for ``client.send``, which awaits no answer.

        If Redis has lost the script meanwhile, that command does nothing.
        """
        known = client.has_script(self._hash)
        name = ("EVALSHA", self._hash) if known else ("EVAL", self._text)
        return (*name, len(keys), *keys, *arguments)
