"""The moderators' desk in the admin: the queue, one case, the log, a dashboard."""
