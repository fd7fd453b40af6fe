"""Registers the infra app, which holds the operators' commands."""

from django.apps import AppConfig


class InfraConfig(AppConfig):
    """The infra app: commands only, no models."""

    name = "infra"
