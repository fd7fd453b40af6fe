"""Where the parts of a site lie on a host, or below a folder that stands for one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOST = Path("/")


@dataclass(frozen=True)
class Layout:
    """The paths of a site below ``root``, which is ``/`` on a host."""

    root: Path = HOST

    @property
    def is_host(self) -> bool:
        """Whether the files are those that systemd and nginx of this machine use."""
        return self.root == HOST

    @property
    def configuration(self) -> Path:
        """The folder of the site's own configuration."""
        return self.root / "etc/minigram"

    @property
    def site_env(self) -> Path:
        """The site's variables."""
        return self.configuration / "site.env"

    @property
    def servers_env(self) -> Path:
        """The values for the configuration of the other servers, their passwords among them."""
        return self.configuration / "servers.env"

    @property
    def backup_env(self) -> Path:
        """Where the nightly backup goes."""
        return self.configuration / "backup.env"

    @property
    def tls(self) -> Path:
        """The folder of certificate and key."""
        return self.configuration / "tls"

    @property
    def data(self) -> Path:
        """The site's data folder."""
        return self.root / "var/lib/minigram"

    @property
    def sockets(self) -> Path:
        """The folder of the instances' sockets."""
        return self.root / "run/minigram"

    @property
    def units(self) -> Path:
        """The folder of systemd's units."""
        return self.root / "etc/systemd/system"

    @property
    def nginx(self) -> Path:
        """The folder of nginx's configuration."""
        return self.root / "etc/nginx"

    @property
    def deploy_hook(self) -> Path:
        """What certbot runs after it has renewed a certificate."""
        return self.root / "etc/letsencrypt/renewal-hooks/deploy/minigram"
