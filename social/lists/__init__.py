"""Lists of photos over the API, answered before Django: explore, and the photos of a person."""
