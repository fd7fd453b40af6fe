"""Commands that load sample data and look after feeds and counters."""
