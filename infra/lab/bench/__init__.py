"""What ``manage.py lab bench`` is made of: sites side by side, their people, rows, a table."""
