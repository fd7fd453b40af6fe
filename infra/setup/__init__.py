"""Setup: from a few answers to a site on this host, and what would change when asked again."""
