"""The files of photos and avatars in storage: names, saving, deleting, addresses.

This face is what verbs use. Beside it: ``views`` sends the bytes of pictures, ``originals`` the
files as they were uploaded, ``audit`` compares files with rows.
"""

from photos.files.store import (
    SHARED_PREFIX,
    StoredFiles,
    delete_now,
    delete_on_commit,
    original_stored,
    photo_file_url,
    stored,
)

__all__ = [
    "SHARED_PREFIX",
    "StoredFiles",
    "delete_now",
    "delete_on_commit",
    "original_stored",
    "photo_file_url",
    "stored",
]
