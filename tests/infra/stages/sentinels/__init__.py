"""Stage 5 with a second Redis and Sentinels, which replace a lost one."""
