"""Forms of collections: an album, an invitation, a share link and its password."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from social.albums.links import PASSWORD_LENGTH
from social.albums.models import TEXT_LENGTH, TITLE_LENGTH, Visibility

NAME_LENGTH = 31
DAYS = [(1, _("A day")), (7, _("A week")), (30, _("A month")), (365, _("A year"))]


class AlbumForm(forms.Form):
    """What an album says, and who may open it."""

    title = CleanCharField(
        line=True,
        max_length=TITLE_LENGTH,
        error_messages={"required": _("Give the album a title.")},
    )
    text = CleanCharField(
        required=False,
        max_length=TEXT_LENGTH,
        label=_("Description"),
        widget=forms.Textarea({"rows": 3}),
    )
    visibility = forms.ChoiceField(
        choices=Visibility,
        initial=Visibility.ME,
        widget=forms.RadioSelect,
        label=_("Who can open it?"),
        help_text=_("People only see the photos they’re allowed to see anyway."),
    )


class InviteForm(forms.Form):
    """Whom to invite."""

    username = CleanCharField(
        line=True,
        max_length=NAME_LENGTH,
        label=_("Name"),
        help_text=_("Someone who follows you."),
        error_messages={"required": _("Enter the username of someone who follows you.")},
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off"}),
    )

    def clean_username(self) -> str:
        """Return the name in the form in which it is kept: without "@", in lower case."""
        return str(self.cleaned_data["username"]).removeprefix("@").lower()


class LinkForm(forms.Form):
    """For how long a link works, and what has to be typed to follow it."""

    days = forms.TypedChoiceField(
        choices=DAYS, coerce=int, initial=7, label=_("Works for"), widget=forms.RadioSelect
    )
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=PASSWORD_LENGTH,
        label=_("Password"),
        help_text=_("Don’t send it together with the link."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class UnlockForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        strip=False,
        max_length=PASSWORD_LENGTH,
        label=_("Password"),
        error_messages={"required": _("Type the password you were given.")},
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
