"""Sealing: encryption of what is backed up, by ``age`` or ``gpg`` as the system has them.

Backups are made with public keys alone: whoever breaks into the site cannot read them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.backup.errors import BackupError

NONE, AGE, GPG = "none", "age", "gpg"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Seal:
    """How files are encrypted (``tool``), for whom, and with which private key they are opened."""

    tool: str = NONE
    recipients: tuple[str, ...] = ()
    identity: str = ""

    def refuse_unusable(self) -> None:
        """Raise ``BackupError`` if the program is not installed or does not know a recipient."""
        if self.tool != NONE and shutil.which(self.tool) is None:
            package = {AGE: "age", GPG: "gnupg"}[self.tool]
            raise BackupError(f"{self.tool} is not installed: apt-get install {package}")
        if self.recipients:
            with tempfile.TemporaryFile() as nothing, self.sealed(nothing):
                pass

    @contextmanager
    def sealed(self, content: IO[bytes]) -> Iterator[IO[bytes]]:
        """Yield the encrypted content, at its beginning. Raises ``BackupError`` if that fails."""
        if self.tool == NONE:
            yield content
            return
        with _through(self._sealing(), content) as result:
            yield result

    @contextmanager
    def opened(self, content: IO[bytes]) -> Iterator[IO[bytes]]:
        """Yield the decrypted content, at its beginning. Raises ``BackupError`` if that fails."""
        if self.tool == NONE:
            yield content
            return
        with _through(self._opening(), content) as result:
            yield result

    def _sealing(self) -> Sequence[str]:
        if self.tool == AGE:
            return ["age", "--encrypt", *_options(self.recipients, "recipient", "recipients-file")]
        batch = ("gpg", "--batch", "--quiet", "--no-tty", "--trust-model", "always", "--encrypt")
        return [*batch, *_options(self.recipients, "recipient", "recipient-file")]

    def _opening(self) -> Sequence[str]:
        if self.tool == GPG:
            return ["gpg", "--batch", "--quiet", "--no-tty", "--decrypt"]
        if not self.identity:
            raise BackupError("The backup is encrypted with age: name its key by --identity FILE.")
        return ["age", "--decrypt", "--identity", self.identity]


def measure(content: IO[bytes]) -> tuple[int, str]:
    """Return size and SHA-256 of what is left of a file."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _options(recipients: Sequence[str], one: str, file: str) -> Iterator[str]:
    """Yield the options that name recipients, each a key or the path of a file with keys."""
    for recipient in recipients:
        yield f"--{file if Path(recipient).is_file() else one}={recipient}"


@contextmanager
def _through(command: Sequence[str], content: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield what a program makes of the content. Raises ``BackupError`` with what it says."""
    with tempfile.TemporaryFile() as result:
        run = subprocess.run(  # noqa: S603 - age or gpg, with the owner's own options
            command, stdin=content.fileno(), stdout=result, stderr=subprocess.PIPE, check=False
        )
        if run.returncode != 0:
            said = " ".join(run.stderr.decode(errors="replace").split())
            raise BackupError(f"{command[0]} failed: {said}")
        result.seek(0)
        yield result
