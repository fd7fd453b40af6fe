"""The cache as a Django app, which owns one table."""

from __future__ import annotations

from django.apps import AppConfig


class CacheConfig(AppConfig):
    """The app ``minigram_site.cache``; its label is not that of Django's own cache."""

    name = "minigram_site.cache"
    label = "minigram_cache"
    verbose_name = "cache"
    default_auto_field = "django.db.models.BigAutoField"
