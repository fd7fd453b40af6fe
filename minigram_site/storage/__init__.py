"""Storage of pictures: local files or a bucket of an S3-compatible service.

Outside this package a storage is Django's ``default_storage``, and its faults are the errors
below. The backends are imported by Django alone, so that a site with local files never loads the
client of buckets.
"""

from minigram_site.storage.errors import StorageFull, StorageUnavailable, as_unavailable

__all__ = ["StorageFull", "StorageUnavailable", "as_unavailable"]
