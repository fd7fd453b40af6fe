"""Registers the social app."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    """The social app."""

    name = "social"
