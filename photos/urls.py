"""The pages of the photos app, and the bytes of pictures."""

from django.urls import path

from photos import views
from photos.conversation import pages
from photos.files.views import avatar_file, photo_file
from photos.hiding.views import archive, archive_photo, bring_back_photo
from photos.pins.views import pin, place, unpin

app_name = "photos"
urlpatterns = [
    path("p/<code:photo_id>/", views.photo, name="photo"),
    path("p/<code:photo_id>/edit/", views.edit, name="edit"),
    path("p/<code:photo_id>/original/<int:number>/", views.original, name="original"),
    path("p/<code:photo_id>/delete/", views.delete, name="delete"),
    path("p/<code:photo_id>/archive/", archive_photo, name="archive-photo"),
    path("p/<code:photo_id>/bring-back/", bring_back_photo, name="bring-back"),
    path("p/<code:photo_id>/place/", place, name="place"),
    path("p/<code:photo_id>/pin/", pin, name="pin"),
    path("p/<code:photo_id>/unpin/", unpin, name="unpin"),
    path("archive/", archive, name="archive"),
    path("p/<code:photo_id>/like/", views.like, name="like"),
    path("p/<code:photo_id>/unlike/", views.unlike, name="unlike"),
    path("p/<code:photo_id>/likes/", views.likes, name="likes"),
    path("p/<code:photo_id>/comments/", pages.comment, name="comment"),
    path("p/<code:photo_id>/comments/<code:comment_id>/", pages.thread, name="thread"),
    path("p/<code:photo_id>/comments/<code:comment_id>/reply/", pages.reply, name="reply"),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/edit/",
        pages.edit_comment,
        name="edit-comment",
    ),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/delete/",
        pages.delete_comment,
        name="delete-comment",
    ),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/like/",
        pages.like_comment,
        name="like-comment",
    ),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/unlike/",
        pages.unlike_comment,
        name="unlike-comment",
    ),
    path("tags/<str:name>/", pages.tag, name="tag"),
    path("media/photos/<code:photo_id>/<str:file_name>", photo_file, name="photo-file"),
    path("media/avatars/<code:user_id>/<str:file_name>", avatar_file, name="avatar-file"),
]
