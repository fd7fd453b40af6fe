"""The addresses of collections, for people."""

from django.urls import path

from social.albums.pages import albums, deleted, membership, sharing

urlpatterns = [
    path("saved/", albums.saved_photos, name="saved"),
    path("p/<code:photo_id>/save/", albums.save, name="save"),
    path("p/<code:photo_id>/unsave/", albums.unsave, name="unsave"),
    path("p/<code:photo_id>/share/", sharing.share_photo, name="share-photo"),
    path("@<username:username>/albums/", albums.of_person, name="albums-of"),
    path("albums/", albums.mine, name="albums"),
    path("albums/new/", albums.new, name="new-album"),
    path("albums/invitations/<code:album_id>/", membership.answer, name="album-invitation"),
    path("albums/<code:album_id>/", albums.album, name="album"),
    path("albums/<code:album_id>/edit/", albums.edit, name="edit-album"),
    path("albums/<code:album_id>/delete/", albums.delete, name="delete-album"),
    path("albums/<code:album_id>/arrange/", albums.arrange, name="arrange-album"),
    path("albums/<code:album_id>/members/", membership.members_of, name="album-members"),
    path(
        "albums/<code:album_id>/members/<username:username>/remove/",
        membership.remove,
        name="remove-album-member",
    ),
    path("albums/<code:album_id>/share/", sharing.share_album, name="share-album"),
    path("albums/<code:album_id>/photos/<code:photo_id>/add/", albums.add, name="album-add"),
    path(
        "albums/<code:album_id>/photos/<code:photo_id>/remove/", albums.remove, name="album-remove"
    ),
    path("albums/<code:album_id>/photos/<code:photo_id>/move/", albums.move, name="album-move"),
    path("settings/deleted/albums/", deleted.albums, name="deleted-albums"),
    path(
        "settings/deleted/albums/<code:album_id>/restore/",
        deleted.bring_back,
        name="restore-album",
    ),
    path(
        "settings/deleted/albums/<code:album_id>/delete/",
        deleted.for_good,
        name="delete-album-for-good",
    ),
    path("settings/links/", sharing.links_of, name="links"),
    path("settings/links/<code:link_id>/revoke/", sharing.revoke, name="revoke-link"),
    path("s/<slug:token>/", sharing.shared, name="shared"),
    path("s/<slug:token>/unlock/", sharing.unlock, name="unlock-link"),
    path("s/<slug:token>/<code:photo_id>/", sharing.shared_photo, name="shared-photo"),
    path(
        "s/<slug:token>/media/<code:photo_id>/<str:file_name>",
        sharing.shared_file,
        name="shared-file",
    ),
]
