"""What people fill in to bring an archive along."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from social.albums.models import TITLE_LENGTH
from social.portable.models import Import

# In the order in which they are offered.
AUDIENCES = {
    Import.Audience.KEPT: _("As before: what wasn’t shown to everybody, only you will see"),
    Import.Audience.SHOWN: _("Show also what the archive says nothing of"),
    Import.Audience.ALONE: _("Only me: put all of them in my archive"),
}


class ArchiveForm(forms.Form):
    """A whole archive, sent at once."""

    archive = forms.FileField(
        allow_empty_file=True,
        label=_("ZIP file"),
        widget=forms.FileInput({"accept": ".zip,application/zip"}),
        error_messages={"required": _("Choose a file.")},
    )


class BeginForm(forms.Form):
    """What a script says of the archive whose parts it is about to send."""

    name = forms.CharField(required=False)
    size = forms.IntegerField(min_value=0, max_value=2**60)


class PartForm(forms.Form):
    """A part of an archive, and where it begins."""

    offset = forms.IntegerField(min_value=0, max_value=2**60)
    part = forms.FileField(allow_empty_file=True)


class StartForm(forms.Form):
    """Who is to see what is brought along, and in which album it is put."""

    audience = forms.ChoiceField(
        choices=list(AUDIENCES.items()),
        initial=Import.Audience.KEPT,
        widget=forms.RadioSelect,
        label=_("Who can see the photos?"),
    )
    album_title = CleanCharField(
        line=True,
        required=False,
        max_length=TITLE_LENGTH,
        label=_("Put them in a new album"),
        help_text=_("Only you can open it until you change that. It holds up to 1,000 photos."),
    )
