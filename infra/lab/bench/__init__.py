"""What ``manage.py lab bench`` is made of: a server of its own, a client, a table."""
