"""Errors that a person can act on: commands show them as one message, without a traceback."""


class ClusterError(Exception):
    """The cluster, or what was asked of it, is not as it must be; the message says what to do."""


class MissingPackage(ClusterError):
    """A server of the stage is not installed; the message names the packages that have it."""

    def __init__(self, programs: list[str], packages: list[str]) -> None:
        names = " ".join(packages)
        super().__init__(
            f"Not installed: {', '.join(programs)}. "
            f"On Debian and Ubuntu: apt-get install {names} (as root, or with sudo)."
        )


class OutdatedProgram(ClusterError):
    """A server of the stage is older than the configuration in ``infra/`` needs."""

    def __init__(self, name: str, oldest: int, found: int, path: str) -> None:
        super().__init__(
            f"{name} {oldest} or later is needed, and {path} is "
            f"{f'version {found}' if found else 'of no version that it tells'}. "
            "Debian 12 and later, and Ubuntu 24.04, have it."
        )


class StartFailed(ClusterError):
    """A process ended, or was not ready in time; the message ends with its log."""

    def __init__(self, name: str, reason: str, log: str) -> None:
        super().__init__(f"{name} did not start: {reason}. The end of its log:\n{log}")
