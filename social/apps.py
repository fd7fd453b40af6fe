"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Have people notified of what happens to their photos and comments. No query."""
        from photos.events import listen
        from social.notifications.telling import Notifier

        listen(Notifier())
