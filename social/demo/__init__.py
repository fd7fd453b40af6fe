"""The demo: people, photos painted by the program, and a life among them."""
