"""The demo's collections: what ``demo`` has saved, their albums, and one that several fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts.models import Follow, User
from photos.models import Photo
from social.albums import contents, editing, members, saved
from social.albums.models import Visibility
from social.demo.people import DEMO

# Of each album, and of what is saved.
PHOTOS = 6


def collect(people: Mapping[str, User], published: Sequence[Photo]) -> None:
    """Write the collections of the demo's people, of photos of theirs that everybody may see.

    Part of loading the demo, in its transaction.
    """
    demo = people[DEMO]
    public = [photo for photo in published if not photo.author.is_private]
    own = [photo for photo in public if photo.author_id == demo.pk]
    others = [photo for photo in public if photo.author_id != demo.pk]
    for photo in others[:PHOTOS]:
        saved.save(user=demo, photo_id=photo.pk)
    _album(demo, "My best", "What I would hang on a wall.", own)
    together = _album(demo, "Out and about", "By all of us.", others[::2])
    follower = Follow.objects.filter(followee=demo).select_related("follower").first()
    if follower is not None:
        members.invite(owner=demo, album_id=together, person=follower.follower)
        members.accept(user=follower.follower, album_id=together)


def _album(owner: User, title: str, text: str, photos: Sequence[Photo]) -> int:
    album = editing.create_album(
        owner=owner, title=title, text=text, visibility=Visibility.EVERYBODY
    )
    for photo in photos[:PHOTOS]:
        contents.add(user=owner, album_id=album.pk, photo_id=photo.pk)
    return album.pk
