"""The lab: load, drills and measurements of a running stage, their records and what they say."""
