"""Registers the infra app, which holds the operators' commands."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class InfraConfig(AppConfig):
    """The infra app: commands and checks only, no models."""

    name = "infra"

    def ready(self) -> None:
        """Register what ``manage.py check --deploy`` looks at."""
        from infra.ops.checks import check_connections

        register(check_connections, Tags.database, deploy=True)
