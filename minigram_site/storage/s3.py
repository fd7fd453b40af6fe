"""Pictures in a bucket of any S3-compatible service (docs/adr/0012-where-pictures-lie.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from minigram_site.storage.errors import StorageFull, StorageUnavailable

logger = logging.getLogger(__name__)

# How long a signed URL opens a file: long enough for a slow phone to follow the redirect.
SIGNATURE_SECONDS = 300
CONNECTION = Config(
    signature_version="s3v4",
    # The one style that every S3-compatible service knows, with one host for all buckets.
    s3={"addressing_style": "path"},
    # A service that is down must cost an upload seconds, not a thread for minutes.
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    # The newer checksums of AWS are refused by many other services.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketStorage(S3Storage):  # type: ignore[misc]
    """Files in a private bucket. Browsers fetch them there, by signed URLs that expire.

    All faults are raised as ``StorageUnavailable`` or ``StorageFull``.
    """

    # Without an ACL an object is as private as its bucket, and services without ACLs work too.
    default_acl = None
    querystring_auth = True
    querystring_expire = SIGNATURE_SECONDS
    file_overwrite = False
    # Not to be changed by settings of django-storages: no CDN, whose URLs would be unsigned, and
    # no other profile.
    custom_domain = None
    cloudfront_signer = None
    session_profile = None
    location = ""
    object_parameters: dict[str, Any] = {}
    client_config = CONNECTION
    # An upload stays on gunicorn's thread instead of starting threads of its own.
    transfer_config = TransferConfig(use_threads=False)

    def signed_url(self, name: str, **headers: str) -> str:
        """Return a URL that opens the file for ``SIGNATURE_SECONDS``. No request.

        ``headers`` are those that the service answers with, such as ``ResponseContentType``.
        Raises ``StorageUnavailable`` if no credentials are found.
        """
        with _converted_errors(name):
            return str(self.url(name, parameters=headers))

    def exists(self, name: str) -> bool:
        """Return whether the file exists. One request.

        Raises ``StorageUnavailable`` if the service does not answer.
        """
        with _converted_errors(name):
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        """Delete the file; one that does not exist is no error. One request.

        Raises ``StorageUnavailable`` if the service does not answer.
        """
        with _converted_errors(name):
            super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _converted_errors(name):
            return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        with _converted_errors(name):
            return str(super()._save(name, content))


@contextmanager
def _converted_errors(name: str) -> Iterator[None]:
    """Turn the errors of the client library into ``StorageFull`` or ``StorageUnavailable``."""
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        logger.exception("The bucket failed at %s.", name)
        answer = error.response if isinstance(error, ClientError) else {}
        full = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") == 507
        raise (StorageFull if full else StorageUnavailable)(str(error)) from error
