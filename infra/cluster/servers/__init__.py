"""The servers of a stage: PostgreSQL, Redis, nginx, and the processes of the site itself."""
