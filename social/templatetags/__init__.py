"""What the social app adds to templates."""
