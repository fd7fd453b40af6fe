"""Forms of signing in with a provider: a new person's name, and the site's settings about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import ModelForm

from accounts.doors.pages.forms import DoorForm
from accounts.factors.sealing import seal
from accounts.models import NewPeople, SiteSettings
from minigram_site.fields.text import clean_line

PROVIDER_FIELDS = (
    *("provider_label", "provider_issuer", "provider_client_id", "provider_scopes"),
    *("provider_new_people", "provider_claim", "provider_claim_value"),
    *("provider_vouches_for_email", "provider_is_second_factor", "provider_only"),
    "provider_app_redirects",
)
PROVIDER_FIELDSET: tuple[str, Any] = (
    "Sign-in with a provider (OpenID Connect)",
    {
        "fields": (*PROVIDER_FIELDS[:3], "provider_new_secret", *PROVIDER_FIELDS[3:]),
        "description": "Needs the address …/login/provider/answer/ of this site to be known to the "
        "provider. See docs/operations.md, Sign-in with a provider.",
    },
)


class NewcomerForm(DoorForm):
    """The name of somebody whom the provider knows, and what the door that is open asks for."""

    def __init__(self, data: Any, *, site: SiteSettings, invitation: str, has_email: bool) -> None:
        """Take what was sent; ``has_email``: whether an address is known that needs no typing."""
        super().__init__(data, site=site, invitation=invitation)
        del self.fields["password"]
        if has_email:
            del self.fields["email"]
        if site.provider_new_people == NewPeople.ALL:
            self.fields.pop("answer", None)


class ProviderForm(ModelForm[SiteSettings]):
    """The part of the site's settings about a provider. Its secret is written and never shown."""

    provider_new_secret = forms.CharField(
        label="Client secret",
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text="Kept encrypted, and shown to nobody. Empty: it stays as it is, or there is none "
        "if the issuer is another one.",
    )

    class Meta:
        model = SiteSettings
        fields = PROVIDER_FIELDS

    def clean(self) -> dict[str, Any]:
        """Return the values, cleaned; the secret is sealed, and never goes to another issuer."""
        values = super().clean() or {}
        for name in ("provider_label", "provider_client_id", "provider_scopes"):
            values[name] = clean_line(values.get(name) or "")
        if typed := values.get("provider_new_secret"):
            self.instance.provider_secret = seal(typed)
        elif "provider_issuer" in self.changed_data:
            self.instance.provider_secret = ""
        return values
