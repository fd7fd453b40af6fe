"""Log-ins: the one way in, the list of where somebody is logged in, and ending any of it."""
