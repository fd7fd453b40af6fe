"""What connects people: follows, the feed, explore, profiles, publishing."""
