"""Registers the infra app, which holds the operators' commands."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class InfraConfig(AppConfig):
    """The infra app: commands and checks only, no models."""

    name = "infra"

    def ready(self) -> None:
        """Register the checks: of every command, and those of ``manage.py check --deploy``."""
        from infra.ops.checks import check_connection_budget, check_mail, check_variables

        register(check_variables)
        register(check_mail, deploy=True)
        register(check_connection_budget, Tags.database, deploy=True)
