"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"

    def ready(self) -> None:
        """Let feeds, notifications, log-ins and counts follow what happens elsewhere. No query."""
        from django_tasks.signals import task_finished

        from accounts.authentication.suspensions import recorded_by
        from photos.events import listen, watch
        from photos.hiding.listing import Listener, on_listing
        from social import feed
        from social.moderation import appeals, deciding, failures, log
        from social.notifications.telling import Notifier

        on_listing(Listener(left=feed.take_out, back=feed.put_in))
        listen(Notifier())
        watch(log.record_look_at)
        recorded_by(appeals.explain, deciding.end_suspensions)
        task_finished.connect(failures.count_task)
        failures.watch_logs()
