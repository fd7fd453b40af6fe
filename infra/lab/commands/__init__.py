"""The subcommands of ``manage.py lab``."""
