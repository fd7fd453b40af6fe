"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Let feeds and notifications follow what happens to photos and comments. No query."""
        from photos.events import listen
        from photos.hiding.listing import Listener, on_listing
        from social import feed
        from social.notifications.telling import Notifier

        on_listing(Listener(left=feed.take_out, back=feed.put_in))
        listen(Notifier())
