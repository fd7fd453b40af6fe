"""Departures: accounts to be deleted after some days, hidden at once, kept by a log-in."""
