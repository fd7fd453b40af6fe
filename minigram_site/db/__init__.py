"""The databases: read/write split, replicas, connections, and SQL that the ORM does not say."""
