"""The edge (``EDGE=on``): whether nginx answers hot reads itself from what Redis holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.servers.configuration import INFRA

TEMPLATES = INFRA / "nginx" / "edge"
# What Debian's package for Lua in nginx installs, itself and by its dependencies.
PACKAGE = "libnginx-mod-http-lua"
MODULES = (
    Path("/usr/lib/nginx/modules/ndk_http_module.so"),
    Path("/usr/lib/nginx/modules/ngx_http_lua_module.so"),
)


@dataclass(frozen=True)
class Edge:
    """The edge of one cluster; ``redis`` is the socket that it reads, ``None`` before Stage 5."""

    wanted: bool
    redis: Path | None
    modules: tuple[Path, ...] = MODULES

    @classmethod
    def of(cls, env: Mapping[str, str], redis: Path | None) -> Edge:
        """Return the edge that the variable ``EDGE`` asks for.

        Raises ``ClusterError`` unless it is ``on``, ``off`` or missing.
        """
        asked = env.get("EDGE") or "off"
        if asked not in {"on", "off"}:
            raise ClusterError(f"EDGE is {asked!r}: it can be on or off.")
        return cls(asked == "on", redis)

    @property
    def is_on(self) -> bool:
        """Whether nginx answers hot reads itself."""
        return self.wanted and not self.obstacle

    @property
    def obstacle(self) -> str:
        """Why it cannot be on, as a sentence; empty if it can."""
        if self.redis is None:
            return "The edge is off: it reads the one Redis of Stage 5, without Sentinels."
        if not all(module.exists() for module in self.modules):
            return f"The edge is off: install {PACKAGE}, then start nginx again."
        return ""

    @property
    def report(self) -> str:
        """What somebody who asked for it has to know, as a sentence; empty for all others."""
        if not self.wanted:
            return ""
        return self.obstacle or "The edge is on: nginx answers hot reads itself."

    @property
    def values(self) -> dict[str, object]:
        """The values of placeholders in its templates."""
        return {
            "EDGE_LUA_DIR": TEMPLATES.parent,
            "EDGE_REDIS": f"unix:{self.redis}",
            "EDGE_REDIS_PASSWORD_FILE": "",
        }
