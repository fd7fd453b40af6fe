"""Publishing: from uploaded files to a photo in every follower's feed."""

from social.publishing.service import discard_draft, publish, publish_media

__all__ = ["discard_draft", "publish", "publish_media"]
