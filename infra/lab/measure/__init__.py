"""A stage under measurement: the run, and what the servers say of themselves meanwhile."""
