"""The painter: scenes and portraits drawn by the program; no database, no storage."""
