"""Authentication: where passwords are checked, and how many guesses and sign-ups there may be."""
