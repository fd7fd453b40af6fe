"""Pictures that everybody may see, as symbolic links that a server sends without asking the site.

Below ``MEDIA_ROOT/public`` (docs/adr/0021-public-pictures-are-links.md):

- ``media`` mirrors the addresses. ``media/photos/<code>`` and ``media/avatars/<code>`` lead to a
  folder of the person; they say whose a picture is and nothing more, and need not go.
- ``people/<id>/photos/<code>`` and ``people/<id>/avatar`` hold the links to the files. So all
  pictures of a person disappear by one rename, however many they are.
- ``withdrawn`` is where that rename leads to; ``sweep`` deletes what is there.
- A *file* ``people`` closes all of it: the site is for members only, and nothing can be linked.

The links are a cache of the visibility rule. One that is missing costs time: the site is asked and
makes it. One too many would be a leak, hence the protocol. Who hides locks the row that decides,
then withdraws the folder, then commits. Who links opens the folder, then asks and locks the row,
then links through the open folder: one that was withdrawn meanwhile is at no address any more, even
if the link is made long after, by a process that was frozen and has lost its lock.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.core.files.storage import default_storage

from minigram_site.storage.errors import StorageUnavailable

FOLDER = "public"
PHOTOS, AVATARS = "photos", "avatars"
_AVATAR = "avatar"


@dataclass(frozen=True, slots=True)
class LinkFolder:
    """The open folder of one photo's or one avatar's links."""

    descriptor: int
    # From the folder to the storage's own folder.
    up: str
    # The address's folder, and where it leads to.
    address: Path
    place: str

    def link(self, names: Iterable[str]) -> None:
        """Link the files with these storage names. Raises ``OSError`` if that fails."""
        for name in names:
            with suppress(FileExistsError):
                os.symlink(self.up + name, name.rpartition("/")[2], dir_fd=self.descriptor)
        with suppress(FileExistsError):
            self.address.symlink_to(self.place)


def folder() -> Path | None:
    """Return the folder of all links; ``None`` where pictures are in a bucket."""
    media = getattr(default_storage, "folder", None)
    return _links_in(media) if media else None


@lru_cache(maxsize=1)
def _links_in(media: str) -> Path:
    return Path(media) / FOLDER


def is_linked(kind: str, code: str, file_name: str) -> bool:
    """Return whether a server may send this file of ``PHOTOS`` or ``AVATARS`` unasked."""
    links = folder()
    return links is not None and (links / "media" / kind / code / file_name).is_symlink()


@contextmanager
def opened(kind: str, user_id: int, code: str) -> Iterator[LinkFolder]:
    """Open the folder for the links of a photo (``PHOTOS``) or an avatar (``AVATARS``).

    Whether they are public has to be asked after that. Raises ``OSError`` if the folder cannot be
    made, or is withdrawn just now, and ``StorageUnavailable`` where pictures are in a bucket.
    """
    links = folder()
    if links is None:
        raise StorageUnavailable("Pictures in a bucket are not linked.")
    owner = f"people/{user_id}"
    place = f"{owner}/{PHOTOS}/{code}" if kind == PHOTOS else f"{owner}/{_AVATAR}"
    address = links / "media" / kind / code
    for path in (links / place, address.parent):
        path.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(links / place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        up = "../" * (place.count("/") + 2)
        yield LinkFolder(descriptor, up, address, f"../../{place}")
    finally:
        os.close(descriptor)


def withdraw_person(user_id: int) -> None:
    """Take all pictures of a person from their addresses, with one rename.

    Call it after the statement that hides them and before its commit, as all functions here that
    withdraw. Raises ``StorageUnavailable`` if they cannot be withdrawn: then the change must not
    be committed.
    """
    _withdraw(f"people/{user_id}")


def withdraw_photos(user_id: int) -> None:
    """Take all photos of a person from their addresses, with one rename; the avatar stays.

    Raises ``StorageUnavailable`` if they cannot be withdrawn.
    """
    _withdraw(f"people/{user_id}/{PHOTOS}")


def withdraw_photo(user_id: int, code: str) -> None:
    """Take one photo from its address. Raises ``StorageUnavailable`` if that fails."""
    _delete(_withdraw(f"people/{user_id}/{PHOTOS}/{code}"))
    if (links := folder()) is not None:
        (links / "media" / PHOTOS / code).unlink(missing_ok=True)


def withdraw_avatar(user_id: int) -> None:
    """Take an avatar from its address. Raises ``StorageUnavailable`` if that fails."""
    _delete(_withdraw(f"people/{user_id}/{_AVATAR}"))


def close() -> None:
    """Take all pictures of everybody from their addresses, and let none be linked any more.

    The folder of all people is renamed away, and a file takes its name: who opens a folder to link
    in it (``opened``) fails from then on, and one who had opened it is at no address any more. So
    it needs no lock, and call it before the commit of what hides the site. Raises
    ``StorageUnavailable`` if they cannot be withdrawn.
    """
    links = folder()
    if links is None:
        return
    try:
        links.mkdir(parents=True, exist_ok=True)
        while not (links / "people").is_file():
            _withdraw("people")
            # Somebody may have made the folder again meanwhile.
            with suppress(FileExistsError):
                os.close(os.open(links / "people", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        _sync(links)
    except OSError as error:
        raise StorageUnavailable(*error.args) from error


def reopen() -> None:
    """Let pictures be linked again, after the commit of what shows the site.

    Raises ``StorageUnavailable`` if the file that closes it stays.
    """
    links = folder()
    if links is None or not (links / "people").is_file():
        return
    try:
        (links / "people").unlink(missing_ok=True)
    except OSError as error:
        raise StorageUnavailable(*error.args) from error


def sweep() -> int:
    """Delete the folders that were withdrawn; return how many there were."""
    links = folder()
    withdrawn = list((links / "withdrawn").glob("*")) if links is not None else []
    for path in withdrawn:
        _delete(path)
    return len(withdrawn)


def addresses() -> Iterator[tuple[str, str]]:
    """Yield kind and code of all addresses, those that lead to nothing included."""
    if (links := folder()) is None:
        return
    for kind in (PHOTOS, AVATARS):
        for address in (links / "media" / kind).glob("*"):
            yield kind, address.name


def names_at(kind: str, code: str) -> list[str]:
    """Return the storage names of the files that an address shows, a link that dangles included.

    A file out of the storage's folder has a name that begins with dots.
    """
    links = folder()
    if links is None:
        return []
    media = links.parent.resolve()
    shown = (links / "media" / kind / code).glob("*")
    return [os.path.relpath(link.resolve(), media) for link in shown]


def withdraw_address(kind: str, code: str) -> None:
    """Remove an address and the links it leads to. Raises ``StorageUnavailable`` if that fails."""
    if (links := folder()) is None:
        return
    address = links / "media" / kind / code
    place = address.resolve()
    address.unlink(missing_ok=True)
    people = links.resolve() / "people"
    if people in place.parents:
        _delete(_withdraw(f"people/{place.relative_to(people)}"))


def _withdraw(place: str) -> Path | None:
    """Rename a folder away, so that the rename survives a loss of power; ``None`` without one."""
    links = folder()
    if links is None or not (links / place).is_dir():
        return None
    target = links / "withdrawn" / secrets.token_hex(8)
    try:
        target.parent.mkdir(exist_ok=True)
        (links / place).rename(target)
        _sync((links / place).parent)
    except FileNotFoundError:
        # Another transaction was faster.
        return None
    except OSError as error:
        raise StorageUnavailable(*error.args) from error
    return target


def _delete(path: Path | None) -> None:
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
