"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Let feeds follow what is hidden and shown again, and log-ins know of suspensions."""
        from accounts.authentication.suspensions import recorded_by
        from photos import hiding
        from social import feed
        from social.moderation import appeals, deciding

        hiding.list_too(feed.unlist, feed.fan_out)
        recorded_by(appeals.explain, deciding.end_suspensions)
