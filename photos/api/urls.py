"""The API addresses of the photos app."""

from django.urls import path

from photos.api import archive_views, comment_views, pin_views, tag_views, views

urlpatterns = [
    path("photos/<id:photo_id>/", views.PhotoView.as_view(), name="api-photo"),
    path(
        "photos/<id:photo_id>/originals/<int:number>/",
        views.OriginalView.as_view(),
        name="api-original",
    ),
    path(
        "photos/<id:photo_id>/archive/",
        archive_views.ArchivedPhotoView.as_view(),
        name="api-archive-photo",
    ),
    path("photos/<id:photo_id>/pin/", pin_views.PinView.as_view(), name="api-pin"),
    path("me/archive/", archive_views.ArchiveView.as_view(), name="api-archive"),
    path("photos/<id:photo_id>/like/", views.LikeView.as_view(), name="api-like"),
    path("photos/<id:photo_id>/likes/", views.LikesView.as_view(), name="api-likes"),
    path(
        "photos/<id:photo_id>/comments/", comment_views.CommentsView.as_view(), name="api-comments"
    ),
    path(
        "photos/<id:photo_id>/comments/<id:comment_id>/",
        comment_views.CommentView.as_view(),
        name="api-comment",
    ),
    path(
        "photos/<id:photo_id>/comments/<id:comment_id>/replies/",
        comment_views.RepliesView.as_view(),
        name="api-replies",
    ),
    path(
        "photos/<id:photo_id>/comments/<id:comment_id>/like/",
        comment_views.CommentLikeView.as_view(),
        name="api-comment-like",
    ),
    path("tags/<str:name>/photos/", tag_views.TagPhotosView.as_view(), name="api-tag-photos"),
]
