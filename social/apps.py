"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Let the feeds follow photos that leave all lists, and come back."""
        from photos.hiding.listing import Listener, on_listing
        from social import feed

        on_listing(Listener(left=feed.take_out, back=feed.put_in))
