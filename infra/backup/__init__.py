"""Backups: database and pictures of one moment in a folder or bucket, and the way back.

A place holds ``backups/MOMENT/`` (the database, what the backup contains, and last of all its
manifest) and ``media/``, one object for each picture, which all backups share. Pictures never
change under their name, so that only new ones are copied.
"""
