"""nginx accepts its configuration with the values of the cluster, of real hosts and of compose."""

from __future__ import annotations

import getpass
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from infra.cluster.layout import Layout
from infra.cluster.servers.nginx import Nginx
from infra.project import PROJECT, free_port
from infra.setup.layout import Layout as SiteLayout
from infra.setup.variables import of_servers
from tests.infra.nginx.server import VARIANTS, check, make_certificate, write

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
INFRA = PROJECT / "infra"
DEFAULT = re.compile(r"\$\{\w+:-(\w+)\}")


def of_hosts() -> dict[str, str]:
    """Return the values that setup writes into servers.env."""
    return of_servers(SiteLayout(), {}, {})


def of_compose() -> dict[str, str]:
    """Return the values of the service that fills templates in, defaults taken."""
    services = yaml.safe_load((INFRA / "compose" / "services.yml").read_text())["services"]
    return {
        name: DEFAULT.sub(r"\1", value)
        for name, value in services["configure"]["environment"].items()
    }


def redirected(values: dict[str, str], folder: Path) -> dict[str, object]:
    """Put every path below ``folder``, and make it; ports of root and users become ours."""
    filled: dict[str, object] = {**values, "NGINX_USER": getpass.getuser()}
    for name, value in values.items():
        if value.startswith("/") and not value.startswith(str(INFRA)):
            filled[name] = path = folder / value[1:]
            (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
        elif name.endswith("_LISTEN") and value.isdigit():
            filled[name] = 20000 + int(value)
    return filled


def accepts(folder: Path, variant: str) -> bool:
    """Tell whether nginx takes a configuration without a word of warning."""
    said = check(folder, variant).stderr
    assert not re.search(r"\[(warn|emerg|crit)\]", said), said
    return "test is successful" in said


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("values", [of_hosts, of_compose], ids=["hosts", "compose"])
def test_nginx_accepts_what_is_deployed(
    values: Callable[[], dict[str, str]], variant: str, tmp_path: Path
) -> None:
    filled = redirected(values(), tmp_path)
    make_certificate(Path(str(filled["TLS_KEY"])).parent)
    write(tmp_path, filled)
    assert accepts(tmp_path, variant)


@pytest.mark.parametrize("limit", ["", "7"])
def test_nginx_accepts_what_a_cluster_fills_in(limit: str, tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path / "run")
    layout.make()
    Nginx(layout, free_port(), {"MAX_UPLOAD_MB": limit}).configure()
    assert accepts(layout.configuration / "nginx", "nginx.conf")
