"""The log: how a line looks, under whose id it stands, what is left out of it, who else is told."""
