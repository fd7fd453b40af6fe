"""The pages of saved photos and albums."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, next_address, public
from minigram_site.fields.snowflake import encode, parse_id
from minigram_site.web.throttling import limited
from photos.permissions import require_visible
from photos.views import card_or_404
from social import people
from social.albums import contents, deleting, editing, reading, saved
from social.albums.pages.forms import AlbumForm

GRID = 24


@members
@require_safe
def saved_photos(request: MemberRequest) -> HttpResponse:
    """List what the caller has saved."""
    page = saved.saved_page(request.user, asked_cursor(request), GRID)
    template = "photos/_grid.html" if _is_more(request) else "social/albums/saved.html"
    return render(request, template, {"page": page})


@members
@limited("write")
def save(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Save a photo (POST), or show whether it is saved and which albums it may be put into."""
    if request.method == "POST":
        require_visible(request.user, photo_id)
        saved.save(user=request.user, photo_id=photo_id)
        return _kept(request, photo_id, is_saved=True)
    return _sheet(request, photo_id)


@members
@require_POST
@limited("write")
def unsave(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Take a photo out of the saved ones."""
    require_visible(request.user, photo_id)
    saved.unsave(user=request.user, photo_id=photo_id)
    return _kept(request, photo_id, is_saved=False)


@members
@require_safe
def mine(request: MemberRequest) -> HttpResponse:
    """List the albums to which the caller may add, and the invitations that wait."""
    page = reading.albums_edited_by(request.user, asked_cursor(request))
    waiting = reading.invitations_of(request.user, None).items
    context = {"page": page, "invitations": waiting}
    return render(request, "social/albums/mine.html", context)


@public
@require_safe
def of_person(request: HttpRequest, username: str) -> HttpResponse:
    """List the albums of a person that the viewer may open."""
    person = people.profile(request.user, username)
    page = reading.albums_of(person, request.user, asked_cursor(request))
    return render(request, "social/albums/of_person.html", {"person": person, "page": page})


@public
@require_safe
def album(request: HttpRequest, album_id: int) -> HttpResponse:
    """Show an album. Four queries beside the person's."""
    card = reading.album_card(request.user, album_id)
    cursor = asked_cursor(request, len(reading.PHOTOS))
    page = reading.album_photos(album_id, request.user, cursor, GRID)
    template = "photos/_grid.html" if _is_more(request) else "social/albums/album.html"
    return render(request, template, {"album": card, "page": page})


@members
@limited("write")
def new(request: MemberRequest) -> HttpResponse:
    """Show and take the form for a new album."""
    form = AlbumForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = editing.create_album(owner=request.user, **form.cleaned_data)
        return redirect(made)
    status = 422 if form.errors else 200
    return render(request, "social/albums/new.html", {"form": form}, status=status)


@members
@limited("write")
def edit(request: MemberRequest, album_id: int) -> HttpResponse:
    """Show and take the form for an own album."""
    card = _own(request, album_id)
    held = {"title": card.title, "text": card.text, "visibility": card.visibility}
    form = AlbumForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        editing.edit_album(owner=request.user, album_id=album_id, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("social:album", album_id)
    context = {"form": form, "album": card}
    status = 422 if form.errors else 200
    return render(request, "social/albums/edit.html", context, status=status)


@members
@require_POST
@limited("write")
def delete(request: MemberRequest, album_id: int) -> HttpResponse:
    """Move an own album to the bin at once; the message offers to take that back.

    Raises what ``deleting.move_to_bin`` does. Its two statements beside the person's.
    """
    deleting.move_to_bin(owner=request.user, album_id=album_id)
    messages.success(
        request,
        gettext("The album has been deleted. Its photos are still there."),
        extra_tags=reverse("social:restore-album", args=[album_id]),
    )
    return redirect("social:albums")


@members
@require_safe
def arrange(request: MemberRequest, album_id: int) -> HttpResponse:
    """Show the photos of an album with buttons that move them and take them out.

    Raises ``Http404`` for those who do not add to it.
    """
    card = reading.album_card(request.user, album_id)
    if not card.may_add:
        raise Http404
    cursor = asked_cursor(request, len(reading.PHOTOS))
    page = reading.album_photos(album_id, request.user, cursor, GRID)
    return render(request, "social/albums/arrange.html", {"album": card, "page": page})


@members
@require_POST
@limited("write")
def add(request: MemberRequest, album_id: int, photo_id: int) -> HttpResponse:
    """Put a photo into an album."""
    try:
        contents.add(user=request.user, album_id=album_id, photo_id=photo_id)
    except contents.AlbumFull as error:
        messages.error(request, error.message)
    return _arranged(request, photo_id)


@members
@require_POST
@limited("write")
def remove(request: MemberRequest, album_id: int, photo_id: int) -> HttpResponse:
    """Take a photo out of an album."""
    contents.remove(user=request.user, album_id=album_id, photo_id=photo_id)
    return _arranged(request, photo_id)


@members
@require_POST
@limited("write")
def move(request: MemberRequest, album_id: int, photo_id: int) -> HttpResponse:
    """Move a photo by the button that was pressed (``to``), or make it the cover.

    ``to`` is "place" for one that was dragged behind another (``after``). Raises ``Http404`` for a
    button that there is not, and for a photo that is not there any more.
    """
    to = request.POST.get("to", "")
    if to == "place":
        _place(request, album_id, photo_id)
    elif to == "cover":
        _make_cover(request, album_id, photo_id)
    elif to in contents.STEPS:
        contents.step(user=request.user, album_id=album_id, photo_id=photo_id, to=to)
    else:
        raise Http404
    return redirect(next_address(request, f"/albums/{encode(album_id)}/arrange/"))


def _place(request: MemberRequest, album_id: int, photo_id: int) -> None:
    """Move a dragged photo; raises ``Http404`` where it or its neighbour is not there any more."""
    words = request.POST.get("after", "")
    after = parse_id(words) if words else None
    if words and after is None:
        raise Http404
    try:
        contents.place(user=request.user, album_id=album_id, photo_id=photo_id, after=after)
    except ValidationError:
        raise Http404 from None


def _make_cover(request: MemberRequest, album_id: int, photo_id: int) -> None:
    try:
        editing.edit_album(owner=request.user, album_id=album_id, cover=photo_id)
    except ValidationError:
        messages.error(request, gettext("This photo is no longer in the album."))


def _own(request: MemberRequest, album_id: int) -> reading.AlbumCard:
    """Return an own album; raises ``PermissionDenied`` for one of somebody else."""
    card = reading.album_card(request.user, album_id)
    if not card.is_owner:
        raise PermissionDenied(gettext("Only the owner of the album can do this."))
    return card


def _arranged(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Go back to the page with the button."""
    return redirect(next_address(request, f"/p/{encode(photo_id)}/save/"))


def _kept(request: MemberRequest, photo_id: int, *, is_saved: bool) -> HttpResponse:
    """Answer with what the button shows now (htmx), or go to the sheet of the photo."""
    if getattr(request, "htmx", None):
        context = {"code": encode(photo_id), "saved": is_saved}
        return render(request, "social/albums/_save.html", context)
    messages.success(
        request,
        gettext("Saved.") if is_saved else gettext("Removed from your saved photos."),
    )
    return redirect(next_address(request, f"/p/{encode(photo_id)}/save/"))


def _sheet(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show whether a photo is saved, and in which of the caller's albums it is."""
    card = card_or_404(request, photo_id)
    albums = reading.albums_edited_by(request.user, asked_cursor(request), GRID)
    context = {
        "card": card,
        "photo_id": photo_id,
        "page": albums,
        "holding": reading.holding(request.user, photo_id, albums),
        "is_saved": photo_id in saved.saved_among(request.user, [photo_id]),
    }
    return render(request, "social/albums/sheet.html", context)


def _is_more(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and "cursor" in request.GET
