"""Registers the photos app."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """The photos app."""

    name = "photos"
