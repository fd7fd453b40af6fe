"""Pictures in a bucket of any S3-compatible service; see ADR 0012."""

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

from minigram_site.storage.local import StorageFull, StorageUnavailable

logger = logging.getLogger(__name__)

# How long a signed address opens a file: long enough for a slow phone to follow the redirect.
SIGNATURE_SECONDS = 300
CONNECTION = Config(
    signature_version="s3v4",
    # The one style that every S3-compatible service knows, with one host for all buckets.
    s3={"addressing_style": "path"},
    # A dead service must cost an upload seconds, not a worker for minutes.
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    # The newer checksums of AWS are refused by many other services.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketStorage(S3Storage):  # type: ignore[misc]
    """Files in a private bucket. Browsers fetch them from there, by addresses that expire."""

    # Without an ACL an object is as private as its bucket, and services without ACLs work too.
    default_acl = None
    querystring_auth = True
    querystring_expire = SIGNATURE_SECONDS
    file_overwrite = False
    # Neither may be changed from elsewhere: no CDN address without a signature, no other profile.
    custom_domain = None
    cloudfront_signer = None
    session_profile = None
    location = ""
    object_parameters: dict[str, Any] = {}
    client_config = CONNECTION
    # gunicorn's threads are enough: no further ones for each upload.
    transfer_config = TransferConfig(use_threads=False)

    def signed_url(self, name: str, **headers: str) -> str:
        """Return an address that opens this file for ``SIGNATURE_SECONDS``. Asks nobody.

        ``headers`` are what the service answers with, such as ``ResponseContentType``.
        """
        with _faults_told(name):
            return str(self.url(name, parameters=headers))

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        with _faults_told(name):
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no fault."""
        with _faults_told(name):
            super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _faults_told(name):
            return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        with _faults_told(name):
            return str(super()._save(name, content))


@contextmanager
def _faults_told(name: str) -> Iterator[None]:
    """Turn the errors of the client library into ours, which are ``OSError``."""
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        logger.exception("The bucket failed at %s.", name)
        answer = error.response if isinstance(error, ClientError) else {}
        full = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") == 507
        raise (StorageFull if full else StorageUnavailable)(str(error)) from error
