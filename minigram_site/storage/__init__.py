"""Where pictures are kept: local files or a bucket."""
