"""Importers: one module for each kind of archive, and which of them an archive is for."""

from social.portable.importing.posts import Source
from social.portable.sources.flickr import Flickr
from social.portable.sources.folder import Folder
from social.portable.sources.google import GooglePhotos
from social.portable.sources.instagram import Instagram
from social.portable.sources.mastodon import Mastodon
from social.portable.sources.minigram import MiniGram

# The first that recognises an archive reads it; a folder of pictures is what is left.
SOURCES: tuple[Source, ...] = (
    MiniGram(),
    Instagram(),
    Mastodon(),
    Flickr(),
    GooglePhotos(),
    Folder(),
)

__all__ = ["SOURCES"]
