"""The API addresses of the social app."""

from django.urls import path

from social.api import media, views, views_people

urlpatterns = [
    path("instance/", views.InstanceView.as_view(), name="api-instance"),
    path("feed/", views.FeedView.as_view(), name="api-feed"),
    path("explore/", views.ExploreView.as_view(), name="api-explore"),
    path("media/", media.MediaListView.as_view(), name="api-media-list"),
    path("media/<id:media_id>/", media.MediaView.as_view(), name="api-media"),
    path("media/<id:media_id>/retry/", media.MediaRetryView.as_view(), name="api-media-retry"),
    path("me/drafts/", media.DraftsView.as_view(), name="api-drafts"),
    path("me/drafts/<id:photo_id>/", media.DraftView.as_view(), name="api-draft"),
    path("photos/", views.PublishView.as_view(), name="api-publish"),
    path("me/", views.MeView.as_view(), name="api-me"),
    path("me/blocks/", views_people.BlocksView.as_view(), name="api-blocks"),
    path("me/requests/", views_people.RequestsView.as_view(), name="api-requests"),
    path(
        "me/requests/<username:username>/",
        views_people.RequestView.as_view(),
        name="api-request",
    ),
    path("users/<username:username>/", views_people.ProfileView.as_view(), name="api-profile"),
    path(
        "users/<username:username>/photos/",
        views_people.PhotosView.as_view(),
        name="api-profile-photos",
    ),
    path(
        "users/<username:username>/followers/",
        views_people.FollowersView.as_view(),
        name="api-followers",
    ),
    path(
        "users/<username:username>/following/",
        views_people.FollowingView.as_view(),
        name="api-following",
    ),
    path("users/<username:username>/follow/", views_people.FollowView.as_view(), name="api-follow"),
    path("users/<username:username>/block/", views_people.BlockView.as_view(), name="api-block"),
]
