"""Snowflake ids, the model field for them, and the rules for text that people type."""
