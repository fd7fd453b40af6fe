"""Registers the accounts app."""

from django.apps import AppConfig

from minigram_site.fields import snowflake
from minigram_site.instance_lock import claim_instance


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Let no process make ids whose number another data folder uses. No query."""
        snowflake.set_claim(claim_instance)
