"""The doctor: what of a site is in order, and what to do where it is not."""

from __future__ import annotations

from infra.doctor import configuration, front, machine, servers, the_cache
from infra.doctor.findings import Finding, Findings

__all__ = ["Finding", "Findings", "examine"]


def examine(found: Findings, url: str, *, mail_to: str = "") -> None:
    """Add a row for everything that is looked at; the site at ``url`` is asked last.

    Costs some queries, reads every named index, and writes and deletes one small file where
    pictures lie. ``mail_to`` is sent a test if it is not empty.
    """
    configuration.versions(found)
    configuration.configuration(found)
    machine.folders(found)
    machine.static_files(found)
    machine.clock(found)
    servers.database(found)
    servers.replicas(found)
    configuration.doors(found)
    configuration.passkeys(found)
    the_cache.works(found)
    servers.tasks(found)
    servers.storage(found)
    servers.mail(found, mail_to)
    machine.backups(found)
    front.front(found, url)
