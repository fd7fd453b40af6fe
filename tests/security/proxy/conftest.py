"""A real nginx before three small instances."""

from tests.infra.nginx.conftest import address, client, folder, instances, three

__all__ = ["address", "client", "folder", "instances", "three"]
