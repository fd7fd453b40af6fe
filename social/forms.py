"""Forms of the profile and privacy pages, and of what somebody does not want to be shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from minigram_site.fields.text import with_scheme
from minigram_site.fields.word_filter import InvalidWords, checked
from photos.formats import ACCEPT


class WebsiteField(forms.CharField):
    """The address of a web page, which people type without ``https://``."""

    def to_python(self, value: object) -> str:
        """Return the address with its scheme."""
        return with_scheme(super().to_python(value) or "")


class ProfileForm(forms.Form):
    """What a profile says about a person."""

    display_name = CleanCharField(
        line=True,
        required=False,
        max_length=60,
        label=_("Name"),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    bio = CleanCharField(
        required=False, max_length=500, label=_("About you"), widget=forms.Textarea({"rows": 4})
    )
    website = WebsiteField(
        required=False,
        max_length=200,
        label=_("Website"),
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.TextInput(
            {"placeholder": "example.org", "autocomplete": "url", "inputmode": "url", "dir": "ltr"}
        ),
    )


class AvatarForm(forms.Form):
    """A new picture of a person."""

    avatar = forms.FileField(
        label=_("Picture"),
        allow_empty_file=True,
        max_length=1000,
        error_messages={"required": _("Choose a picture.")},
        widget=forms.FileInput({"accept": ACCEPT}),
    )


class WelcomeForm(forms.Form):
    """The first step of somebody who is new: what others shall call them, and a portrait."""

    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput({"accept": ACCEPT}),
    )
    display_name = CleanCharField(
        line=True,
        required=False,
        max_length=60,
        label=_("Name"),
        help_text=_("Your own name, or whatever people should call you."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )


class PrivacyForm(forms.Form):
    """Whether an account is private, and whether search engines may list it."""

    is_private = forms.BooleanField(required=False, label=_("Private account"))
    noindex = forms.BooleanField(required=False, label=_("Hide from search engines"))


class WordsForm(forms.Form):
    """Words that are filtered, one on each line."""

    words = forms.CharField(
        required=False,
        label=_("Words"),
        help_text=_("One word, phrase or emoji per line. Capitals don’t matter."),
        widget=forms.Textarea({"rows": 8}),
    )

    def clean_words(self) -> list[str]:
        """Return the words. Raises ``ValidationError``, which says what is wrong."""
        try:
            return checked(self.cleaned_data["words"].splitlines())
        except InvalidWords as error:
            raise forms.ValidationError(str(error), error.code) from None


class MuteForm(forms.Form):
    """For how long a person is muted."""

    days = forms.TypedChoiceField(
        label=_("For how long?"),
        coerce=int,
        initial=0,
        choices=[
            (1, _("1 day")),
            (7, _("1 week")),
            (30, _("30 days")),
            (0, _("Until I unmute them")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose for how long.")},
    )

    @property
    def ends_at(self) -> datetime | None:
        """When the mute ends by itself; ``None`` for good. The form is valid."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
