"""Explore: recent and popular photos of public accounts, and trending tags."""

from social.explore.service import POPULAR, RECENT, popular_page, recent_page, trending_tags

__all__ = ["POPULAR", "RECENT", "popular_page", "recent_page", "trending_tags"]
