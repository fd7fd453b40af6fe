"""What the site adds to Django's templates: their loader, kept fragments, tags for icons."""
