"""The MiniGram project: settings, addresses and the few modules that every app stands on."""

__version__ = "0.1.0"
