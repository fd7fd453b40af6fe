"""With a hundred thousand rows nothing that people ask often reads a whole table."""
