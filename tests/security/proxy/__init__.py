"""Requests on whose end two servers could disagree, and answers kept for others: a real nginx."""
