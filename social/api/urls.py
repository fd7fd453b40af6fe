"""The API addresses of the social app."""

from django.urls import path

from social.api import moderation_views, people_views, tag_views, upload_views, views

urlpatterns = [
    path("instance/", views.InstanceView.as_view(), name="api-instance"),
    path("feed/", views.FeedView.as_view(), name="api-feed"),
    path("explore/", views.ExploreView.as_view(), name="api-explore"),
    path("explore/tags/", tag_views.TrendingTagsView.as_view(), name="api-trending-tags"),
    path("tags/<str:name>/follow/", tag_views.FollowTagView.as_view(), name="api-follow-tag"),
    path("me/tags/", tag_views.FollowedTagsView.as_view(), name="api-followed-tags"),
    path("me/suggestions/", tag_views.SuggestionsView.as_view(), name="api-suggestions"),
    path("media/", upload_views.MediaListView.as_view(), name="api-media-list"),
    path("media/<id:media_id>/", upload_views.MediaView.as_view(), name="api-media"),
    path(
        "media/<id:media_id>/retry/", upload_views.MediaRetryView.as_view(), name="api-media-retry"
    ),
    path("me/drafts/", upload_views.DraftsView.as_view(), name="api-drafts"),
    path("me/drafts/<id:photo_id>/", upload_views.DraftView.as_view(), name="api-draft"),
    path("photos/", views.PublishView.as_view(), name="api-publish"),
    path("me/", views.MeView.as_view(), name="api-me"),
    path("me/blocks/", people_views.BlocksView.as_view(), name="api-blocks"),
    path(
        "me/followers/<username:username>/",
        people_views.FollowerView.as_view(),
        name="api-follower",
    ),
    path("me/requests/", people_views.RequestsView.as_view(), name="api-requests"),
    path(
        "me/requests/<username:username>/",
        people_views.RequestView.as_view(),
        name="api-request",
    ),
    path("users/<username:username>/", people_views.ProfileView.as_view(), name="api-profile"),
    path(
        "users/<username:username>/photos/",
        people_views.PhotosView.as_view(),
        name="api-profile-photos",
    ),
    path(
        "users/<username:username>/followers/",
        people_views.FollowersView.as_view(),
        name="api-followers",
    ),
    path(
        "users/<username:username>/following/",
        people_views.FollowingView.as_view(),
        name="api-following",
    ),
    path("users/<username:username>/follow/", people_views.FollowView.as_view(), name="api-follow"),
    path(
        "users/<username:username>/report/",
        moderation_views.PersonReportView.as_view(),
        name="api-report-person",
    ),
    path(
        "photos/<id:photo_id>/report/",
        moderation_views.PhotoReportView.as_view(),
        name="api-report-photo",
    ),
    path(
        "photos/<id:photo_id>/comments/<id:comment_id>/report/",
        moderation_views.CommentReportView.as_view(),
        name="api-report-comment",
    ),
    path("me/decisions/", moderation_views.DecisionsView.as_view(), name="api-decisions"),
    path(
        "me/decisions/<id:decision_id>/appeal/",
        moderation_views.AppealView.as_view(),
        name="api-appeal",
    ),
    path("users/<username:username>/block/", people_views.BlockView.as_view(), name="api-block"),
]
