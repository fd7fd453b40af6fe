"""The pages of the photos app, and the bytes of pictures."""

from django.urls import path

from photos import views
from photos.files.views import avatar_file, photo_file

app_name = "photos"
urlpatterns = [
    path("p/<code:photo_id>/", views.photo, name="photo"),
    path("p/<code:photo_id>/edit/", views.edit, name="edit"),
    path("p/<code:photo_id>/original/<int:number>/", views.original, name="original"),
    path("p/<code:photo_id>/delete/", views.delete, name="delete"),
    path("p/<code:photo_id>/like/", views.like, name="like"),
    path("p/<code:photo_id>/unlike/", views.unlike, name="unlike"),
    path("p/<code:photo_id>/likes/", views.likes, name="likes"),
    path("p/<code:photo_id>/comments/", views.comment, name="comment"),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/delete/",
        views.delete_comment,
        name="delete-comment",
    ),
    path("media/photos/<code:photo_id>/<str:file_name>", photo_file, name="photo-file"),
    path("media/avatars/<code:user_id>/<str:file_name>", avatar_file, name="avatar-file"),
]
