"""Tests of the bin: what people and moderators delete, and how it comes back or goes."""
