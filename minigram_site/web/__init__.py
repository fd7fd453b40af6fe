"""What requests and answers of all apps share: middleware, errors, limits, pages, health."""
