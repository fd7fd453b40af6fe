"""The API addresses of collections."""

from django.urls import path

from social.albums.api import deleted_views, link_views, member_views, views

urlpatterns = [
    path("photos/<id:photo_id>/saved/", views.SavedView.as_view(), name="api-saved"),
    path("me/saved/", views.SavedListView.as_view(), name="api-saved-list"),
    path("me/saved/states/", views.SavedStatesView.as_view(), name="api-saved-states"),
    path("me/albums/", views.MyAlbumsView.as_view(), name="api-my-albums"),
    path(
        "me/deleted/albums/",
        deleted_views.DeletedAlbumsView.as_view(),
        name="api-deleted-albums",
    ),
    path(
        "me/deleted/albums/<id:album_id>/",
        deleted_views.DeletedAlbumView.as_view(),
        name="api-deleted-album",
    ),
    path(
        "me/deleted/albums/<id:album_id>/restore/",
        deleted_views.RestoreAlbumView.as_view(),
        name="api-restore-album",
    ),
    path(
        "users/<username:username>/albums/", views.PersonAlbumsView.as_view(), name="api-albums-of"
    ),
    path("albums/<id:album_id>/", views.AlbumView.as_view(), name="api-album"),
    path("albums/<id:album_id>/photos/", views.AlbumPhotosView.as_view(), name="api-album-photos"),
    path(
        "albums/<id:album_id>/photos/<id:photo_id>/",
        views.AlbumPhotoView.as_view(),
        name="api-album-photo",
    ),
    path(
        "albums/<id:album_id>/photos/<id:photo_id>/position/",
        views.PositionView.as_view(),
        name="api-album-position",
    ),
    path("albums/<id:album_id>/members/", member_views.MembersView.as_view(), name="api-members"),
    path(
        "albums/<id:album_id>/members/<username:username>/",
        member_views.MemberView.as_view(),
        name="api-member",
    ),
    path(
        "me/album-invitations/",
        member_views.InvitationsView.as_view(),
        name="api-album-invitations",
    ),
    path(
        "me/album-invitations/<id:album_id>/",
        member_views.InvitationView.as_view(),
        name="api-album-invitation",
    ),
    path(
        "photos/<id:photo_id>/links/", link_views.PhotoLinksView.as_view(), name="api-photo-links"
    ),
    path(
        "albums/<id:album_id>/links/", link_views.AlbumLinksView.as_view(), name="api-album-links"
    ),
    path("me/links/", link_views.LinksView.as_view(), name="api-links"),
    path("me/links/<id:link_id>/", link_views.LinkView.as_view(), name="api-link"),
    path("shared/<slug:token>/", link_views.SharedView.as_view(), name="api-shared"),
    path("shared/<slug:token>/unlock/", link_views.UnlockView.as_view(), name="api-unlock"),
    path(
        "shared/<slug:token>/photos/",
        link_views.SharedPhotosView.as_view(),
        name="api-shared-photos",
    ),
]
