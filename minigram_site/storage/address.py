"""Where files lie, as one address: a folder, or ``s3://KEY:SECRET@host:port/bucket``.

``MEDIA_ROOT`` is such an address, and so is the destination of a backup. The client of buckets is
loaded only for one.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.files.storage import Storage
from django.utils.module_loading import import_string

BUCKET_FORM = "s3://KEY:SECRET@host:port/bucket?region=eu-central-1&secure=true"
BUCKET_BACKEND = "minigram_site.storage.s3.BucketStorage"
BUCKET_OPTIONS = {
    "region": re.compile(r"[a-z0-9-]{1,40}"),
    "secure": re.compile(r"true|false"),
}
_BUCKET_NAME = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?")


class UnusableBucket(ValueError):
    """The address of a bucket cannot be understood; the message says why, without its secret."""


def bucket_at(address: str) -> Storage:
    """Return a storage in the bucket with this address, whose files can be replaced. No request.

    Raises ``UnusableBucket`` for anything but the address of one.
    """
    options = bucket_options(address)
    if not options:
        raise UnusableBucket(f"It must look like {BUCKET_FORM}.")
    storage: Storage = import_string(BUCKET_BACKEND)(**options, file_overwrite=True)
    return storage


def bucket_options(value: str) -> dict[str, Any]:
    """Return the options of the S3 storage with this address; none where it is a folder.

    Raises ``UnusableBucket`` for an address that is neither.
    """
    if "://" not in value:
        return {}
    try:
        address = urlsplit(value)
        port = address.port
    except ValueError:
        raise UnusableBucket(f"It must be a folder or look like {BUCKET_FORM}.") from None
    bucket = _BUCKET_NAME.fullmatch(address.path)
    if address.scheme != "s3" or not address.hostname or not bucket or address.fragment:
        raise UnusableBucket(f"It must be a folder or look like {BUCKET_FORM}.")
    options = _options(address.query)
    scheme = "http" if options.get("secure") == "false" else "https"
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return {
        "endpoint_url": f"{scheme}://{host}" + (f":{port}" if port else ""),
        "bucket_name": bucket[1],
        "region_name": options.get("region", "us-east-1"),
        **_key(address),
    }


def _options(query: str) -> dict[str, str]:
    """Return the options in a query string, each at most once and well-formed."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        pairs = [("", "")]
    for name, value in pairs:
        if name not in BUCKET_OPTIONS or not BUCKET_OPTIONS[name].fullmatch(value):
            raise UnusableBucket(
                "Its options are region=eu-central-1 and secure=true or false, no other."
            )
    if len(dict(pairs)) != len(pairs):
        raise UnusableBucket("It names an option twice.")
    return dict(pairs)


def _key(address: SplitResult) -> dict[str, str | None]:
    """Return the access key in a URL; without one boto3 uses AWS's own variables or the role."""
    if address.username is None and "@" not in address.netloc:
        return {}
    if not address.username or not address.password:
        raise UnusableBucket("It needs both KEY and SECRET, percent-encoded, or neither.")
    return {
        "access_key": unquote(address.username),
        "secret_key": unquote(address.password),
        # A session token in AWS's variables would belong to another key.
        "security_token": None,
    }
