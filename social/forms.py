"""Forms of the profile and privacy pages."""

from __future__ import annotations

from django import forms
from django.core.validators import URLValidator

from accounts.forms import CleanCharField
from photos.formats import ACCEPT


class ProfileForm(forms.Form):
    """What a profile says about a person."""

    display_name = CleanCharField(
        line=True,
        required=False,
        max_length=60,
        label="Name",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    bio = CleanCharField(
        required=False, max_length=500, label="About you", widget=forms.Textarea({"rows": 4})
    )
    website = forms.CharField(
        required=False,
        max_length=200,
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "url"}),
    )


class AvatarForm(forms.Form):
    """A new picture of a person."""

    avatar = forms.FileField(
        label="Picture",
        allow_empty_file=True,
        max_length=1000,
        error_messages={"required": "Choose a picture."},
        widget=forms.FileInput({"accept": ACCEPT}),
    )


class PrivacyForm(forms.Form):
    """Whether an account is private, and whether search engines may list it."""

    is_private = forms.BooleanField(required=False, label="Private account")
    noindex = forms.BooleanField(required=False, label="Not in search engines")
