"""Web Push: what is new, sent to the devices of those who want it there, by the worker."""
