"""What ``manage.py bench`` is made of: a server of its own, a client, a table."""
