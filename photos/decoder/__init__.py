"""The decoder: turns one uploaded picture into what is served, in a process of its own.

``photos.images`` starts this folder as a program, see ``__main__.py``. Nothing here imports Django,
and little else: each upload pays for every import.
"""
