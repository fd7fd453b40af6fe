"""Registers the photos app."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """The photos app."""

    name = "photos"

    def ready(self) -> None:
        """Let the counters of photos and comments follow suspensions."""
        from accounts.services import count_too
        from photos.conversation import threads
        from photos.services import count_person

        count_too(count_person)
        count_too(threads.count_person)
