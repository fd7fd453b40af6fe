"""Peers: services that somebody would run instead, measured beside the site on its own rows."""
