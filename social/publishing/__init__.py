"""Publishing: from uploaded files to a photo in every follower's feed.

An upload is received (``upload``), processed by a task, and becomes part of a photo
(``publish_media``); ``publish`` is all of it for files that come in one request. Pages and API use
this face; what an upload is in the meantime is the business of ``photos.uploads``, which nothing
else imports.
"""

from photos.uploads import MediaUnusable, cleaned_crop, describe, discard, reason_of
from social.publishing.composing import MAX_DRAFTS, compose, save_draft
from social.publishing.drafts import discard_draft
from social.publishing.imported import FileRejected, ImportedFile, NoDate, publish_imported
from social.publishing.service import publish, publish_composed, publish_media, upload_some
from social.publishing.tasks import adjust, delete_expired_uploads, retry, sweep, upload

__all__ = [
    "MAX_DRAFTS",
    "FileRejected",
    "ImportedFile",
    "MediaUnusable",
    "NoDate",
    "adjust",
    "cleaned_crop",
    "compose",
    "delete_expired_uploads",
    "describe",
    "discard",
    "discard_draft",
    "publish",
    "publish_composed",
    "publish_imported",
    "publish_media",
    "reason_of",
    "retry",
    "save_draft",
    "sweep",
    "upload",
    "upload_some",
]
