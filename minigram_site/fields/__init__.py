"""Model fields and text rules that all apps share: snowflake ids and clean text."""
