"""The addresses of all parts: each module of this package has a ``TABLE`` and may ``prepare``."""

from __future__ import annotations

import importlib
import pkgutil

from tests.matrix.rules import Address
from tests.matrix.scene import Prepare

_MODULES = [
    importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
]
# From the name in the URL map to what is asked there.
TABLE: dict[str, Address] = {
    name: address for module in _MODULES for name, address in module.TABLE.items()
}
# What the parts add to a scene.
PREPARE: list[Prepare] = [module.prepare for module in _MODULES if hasattr(module, "prepare")]
