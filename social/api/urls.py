"""The API addresses of the social app."""

from django.urls import include, path

from social.api import (
    bin_views,
    filter_views,
    moderation_views,
    mute_views,
    people_views,
    tag_views,
    upload_views,
    views,
)
from social.notifications.urls import api_urlpatterns
from social.portable.urls import api_urlpatterns as portable_urlpatterns
from social.search import api_views

urlpatterns = [
    path("instance/", views.InstanceView.as_view(), name="api-instance"),
    path("feed/", views.FeedView.as_view(), name="api-feed"),
    path("explore/", views.ExploreView.as_view(), name="api-explore"),
    path("explore/tags/", tag_views.TrendingTagsView.as_view(), name="api-trending-tags"),
    path("tags/<str:name>/follow/", tag_views.FollowTagView.as_view(), name="api-follow-tag"),
    path("me/tags/", tag_views.FollowedTagsView.as_view(), name="api-followed-tags"),
    path("me/suggestions/", tag_views.SuggestionsView.as_view(), name="api-suggestions"),
    path("search/people/", api_views.PeopleSearchView.as_view(), name="api-search-people"),
    path("search/tags/", api_views.TagSearchView.as_view(), name="api-search-tags"),
    path("search/photos/", api_views.PhotoSearchView.as_view(), name="api-search-photos"),
    path("search/suggestions/", api_views.SuggestionsView.as_view(), name="api-search-suggestions"),
    path("media/", upload_views.MediaListView.as_view(), name="api-media-list"),
    path("media/<id:media_id>/", upload_views.MediaView.as_view(), name="api-media"),
    path(
        "media/<id:media_id>/retry/", upload_views.MediaRetryView.as_view(), name="api-media-retry"
    ),
    path("me/drafts/", upload_views.DraftsView.as_view(), name="api-drafts"),
    path("me/drafts/<id:photo_id>/", upload_views.DraftView.as_view(), name="api-draft"),
    path(
        "me/drafts/<id:photo_id>/publish/",
        upload_views.PublishDraftView.as_view(),
        name="api-publish-draft",
    ),
    path("photos/", upload_views.PublishView.as_view(), name="api-publish"),
    path("photos/from-media/", upload_views.PublishMediaView.as_view(), name="api-publish-media"),
    path("me/", views.MeView.as_view(), name="api-me"),
    path("me/avatar/", views.AvatarView.as_view(), name="api-avatar"),
    path("me/blocks/", people_views.BlocksView.as_view(), name="api-blocks"),
    path("me/filters/", filter_views.WordsView.as_view(), name="api-filters"),
    path("me/mutes/", mute_views.MutesView.as_view(), name="api-mutes"),
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
        "users/<username:username>/pins/",
        people_views.PinsView.as_view(),
        name="api-profile-pins",
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
    path("me/deleted/", bin_views.DeletedPhotosView.as_view(), name="api-deleted"),
    path(
        "me/deleted/<id:photo_id>/",
        bin_views.DeletedPhotoView.as_view(),
        name="api-deleted-photo",
    ),
    path("me/deleted/<id:photo_id>/restore/", bin_views.RestoreView.as_view(), name="api-restore"),
    path(
        "me/deleted/<id:photo_id>/picture/",
        bin_views.DeletedPictureView.as_view(),
        name="api-deleted-picture",
    ),
    path(
        "me/deleted/comments/",
        bin_views.DeletedCommentsView.as_view(),
        name="api-deleted-comments",
    ),
    path(
        "me/deleted/comments/<id:comment_id>/",
        bin_views.DeletedCommentView.as_view(),
        name="api-deleted-comment",
    ),
    path(
        "me/deleted/comments/<id:comment_id>/restore/",
        bin_views.RestoreCommentView.as_view(),
        name="api-restore-comment",
    ),
    path("me/decisions/", moderation_views.DecisionsView.as_view(), name="api-decisions"),
    path(
        "me/decisions/<id:decision_id>/appeal/",
        moderation_views.AppealView.as_view(),
        name="api-appeal",
    ),
    path("users/<username:username>/mute/", mute_views.MuteView.as_view(), name="api-mute"),
    path(
        "users/<username:username>/hide-suggestion/",
        mute_views.SuggestionView.as_view(),
        name="api-hide-suggestion",
    ),
    path("users/<username:username>/block/", people_views.BlockView.as_view(), name="api-block"),
    *api_urlpatterns,
    *portable_urlpatterns,
    path("", include("social.albums.api.urls")),
]
