"""Reach: what feed readers, search engines and other sites are told of public photos.

All of it is made for a visitor, whoever asks: the visibility rule is asked with nobody as the
viewer. Addresses begin with ``SITE_URL``, whatever host a request has named.
"""
