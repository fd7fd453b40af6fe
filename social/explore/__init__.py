"""Explore: recent and popular photos of public accounts."""

from social.explore.service import POPULAR, RECENT, popular_page, recent_page

__all__ = ["POPULAR", "RECENT", "popular_page", "recent_page"]
