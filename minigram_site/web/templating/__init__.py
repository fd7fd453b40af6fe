"""What the site adds to Django's templates: their loader and the tag for icons."""
