"""Moderation: reports, the cases they open, decisions with appeals, and the log of all of it.

Its tables are part of the app's models; the verbs are in ``reports`` (what people do), ``deciding``
(what moderators do) and ``appeals``; ``effects`` is what a decision does to the thing it is about.
"""
