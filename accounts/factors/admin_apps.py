"""Registers Django's admin with the site's own log-in."""

from django.contrib.admin.apps import AdminConfig


class FactorAdminConfig(AdminConfig):
    """Django's admin; its site is ``accounts.factors.admin_site.FactorAdminSite``."""

    default_site = "accounts.factors.admin_site.FactorAdminSite"
