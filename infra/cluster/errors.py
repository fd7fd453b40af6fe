"""What a person can act on: commands show it as one message, without a traceback."""


class ClusterError(Exception):
    """Something about the cluster is not as it must be; the message says what to do."""


class MissingPackage(ClusterError):
    """A server of this stage is not installed."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"{program} is missing: it is in the Debian package {package}. "
            f"Install it with: apt-get install {package}"
        )


class DidNotStart(ClusterError):
    """A process ended, or did not answer in time; the message ends with its log."""

    def __init__(self, name: str, reason: str, log: str) -> None:
        super().__init__(f"{name} did not start: {reason}. The end of its log:\n{log}")
