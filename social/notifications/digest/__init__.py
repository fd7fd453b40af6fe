"""The daily digest: one mail of what is unread, at an hour of one's own, for those who want it."""
