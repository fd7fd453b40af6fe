"""HTTP for all apps: middleware, errors, rate limits, pagination, converters, health."""
