"""The operators' commands that work from outside the site."""
