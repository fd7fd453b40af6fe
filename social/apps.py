"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Let feeds, notifications and log-ins follow what happens elsewhere. No query."""
        from accounts.authentication.suspensions import recorded_by
        from photos.events import listen, watch
        from photos.hiding.listing import Listener, on_listing
        from social import feed
        from social.moderation import appeals, deciding, log
        from social.notifications.telling import Notifier

        on_listing(Listener(left=feed.take_out, back=feed.put_in))
        listen(Notifier())
        watch(log.record_look_at)
        recorded_by(appeals.explain, deciding.end_suspensions)
