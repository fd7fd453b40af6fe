"""The MiniGram project: settings, URLs, and the packages that every app is built on."""

__version__ = "0.1.0"
