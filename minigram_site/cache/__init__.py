"""Cache-aside in Redis: answers that are checked at every hit, so that they are never stale."""
