"""Bodies: which of requests are refused, and how those of answers are compressed."""
