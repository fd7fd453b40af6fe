"""The pages of the social app, a module for each part of the site."""
