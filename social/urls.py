"""The pages of the social app."""

from django.urls import path

from social.views import home, moderation, people, publish, settings, tags

app_name = "social"
urlpatterns = [
    path("", home.landing, name="landing"),
    path("feed/", home.feed, name="feed"),
    path("explore/", home.explore, name="explore"),
    path("@<username:username>/", people.profile, name="profile"),
    path("offline/", home.offline, name="offline"),
    path("manifest.webmanifest", home.manifest, name="manifest"),
    path("sw.js", home.service_worker, name="service-worker"),
    path("upload/", publish.upload, name="upload"),
    path("upload/media/", publish.upload_media, name="upload-media"),
    path("upload/media/<id:media_id>/discard/", publish.discard_media, name="discard-media"),
    path("upload/arrange/", publish.arrange, name="upload-arrange"),
    path("drafts/", publish.drafts, name="drafts"),
    path("drafts/<id:photo_id>/retry/", publish.retry, name="draft-retry"),
    path("drafts/<id:photo_id>/discard/", publish.discard, name="draft-discard"),
    path("requests/", people.requests, name="requests"),
    path("requests/<username:username>/accept/", people.accept, name="accept"),
    path("requests/<username:username>/decline/", people.decline, name="decline"),
    path("settings/", settings.profile, name="settings"),
    path("settings/avatar/", settings.avatar, name="avatar"),
    path("settings/privacy/", settings.privacy, name="privacy"),
    path("settings/blocked/", settings.blocked, name="blocked"),
    path("settings/delete/", settings.delete_account, name="delete-account"),
    path("settings/decisions/", moderation.decisions, name="decisions"),
    path("appeals/<str:token>/", moderation.appeal, name="appeal"),
    path("p/<code:photo_id>/report/", moderation.report_photo, name="report-photo"),
    path(
        "p/<code:photo_id>/comments/<code:comment_id>/report/",
        moderation.report_comment,
        name="report-comment",
    ),
    path("@<username:username>/report/", moderation.report_person, name="report-person"),
    path("suggestions/", people.suggestions, name="suggestions"),
    path("tags/", tags.followed, name="followed-tags"),
    path("tags/<str:name>/follow/", tags.follow, name="follow-tag"),
    path("tags/<str:name>/unfollow/", tags.unfollow, name="unfollow-tag"),
    path("people/<code:user_id>/", people.by_id, name="person"),
    path("mentions/", people.mentions, name="mentions"),
    path("@<username:username>/followers/", people.followers, name="followers"),
    path("@<username:username>/following/", people.following, name="following"),
    path("@<username:username>/follow/", people.follow, name="follow"),
    path("@<username:username>/unfollow/", people.unfollow, name="unfollow"),
    path("@<username:username>/block/", people.block, name="block"),
    path("@<username:username>/unblock/", people.unblock, name="unblock"),
    path("@<username:username>/remove/", people.remove_follower, name="remove-follower"),
]
