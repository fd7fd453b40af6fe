"""Licences of all that is installed: distributions, and the shared libraries inside of wheels.

A distribution says its licence in its metadata. A shared library that a wheel brings along says
nothing there: ``LIBRARIES`` does, by its name. What is linked into an extension module statically
cannot be seen and is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions

_NOTICE = "asks for no more than that its notice is kept"
_LIBRARY = "holds for a library, which is used unchanged and can be replaced by another build"
_FILES = "holds for the files of the package alone, which are used unchanged"
_COMPILER = "holds for libraries of the compiler: the exception lets any program use them"
_ENCODER = (
    "stands beside the decoder of HEIC and is never called; whoever passes the wheel on has to "
    "follow it (docs/adr/0005-dependencies.md)"
)
# Why each licence is accepted. There is no other list: one that is not here is refused.
ACCEPTED = {
    **dict.fromkeys(
        [
            "0BSD",
            "Apache-2.0",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "BSD-Attribution-HPND-disclaimer",
            "CC0-1.0",
            "CC-BY-4.0",
            "CNRI-Python",
            "FTL",
            "IJG",
            "ISC",
            "MIT",
            "MIT-0",
            "MIT-CMU",
            "OLDAP-2.8",
            "PostgreSQL",
            "PSF-2.0",
            "X11",
            "ZPL-2.1",
            "Zlib",
            "libpng-2.0",
            "libtiff",
        ],
        _NOTICE,
    ),
    # Which of them, the metadata does not say.
    "BSD": _NOTICE,
    "MPL-2.0": _FILES,
    **dict.fromkeys(("LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"), _LIBRARY),
    "GPL-3.0-or-later WITH GCC-exception-3.1": _COMPILER,
}
# What is accepted of one library in one wheel alone.
EXCEPTIONS = {("pillow_heif", "libx265", "GPL-2.0-or-later"): _ENCODER}

# Shared libraries that wheels bring along.
LIBRARIES = {
    "libXau": "MIT",
    "libavif": "BSD-2-Clause",
    "libbrotlicommon": "MIT",
    "libbrotlidec": "MIT",
    "libbrotlienc": "MIT",
    "libcom_err": "MIT",
    "libcrypt": "LGPL-2.1-or-later",
    "libcrypto": "Apache-2.0",
    "libde265": "LGPL-3.0-or-later",
    "libfreetype": "FTL",
    "libgfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgssapi_krb5": "MIT",
    "libharfbuzz": "MIT",
    "libheif": "LGPL-3.0-or-later",
    "libjpeg": "IJG AND BSD-3-Clause",
    "libk5crypto": "MIT",
    "libkeyutils": "LGPL-2.1-or-later",
    "libkrb5": "MIT",
    "libkrb5support": "MIT",
    "liblber": "OLDAP-2.8",
    "liblcms2": "MIT",
    "libldap": "OLDAP-2.8",
    "liblzma": "0BSD",
    "libopenjp2": "BSD-2-Clause",
    "libpng16": "libpng-2.0",
    "libpq": "PostgreSQL",
    "libquadmath": "LGPL-2.1-or-later",
    "libsasl2": "BSD-Attribution-HPND-disclaimer",
    "libscipy_openblas": "BSD-3-Clause",
    "libscipy_openblas64_": "BSD-3-Clause",
    "libsharpyuv": "BSD-3-Clause",
    "libsodium": "ISC",
    "libssl": "Apache-2.0",
    "libtiff": "libtiff",
    "libwebp": "BSD-3-Clause",
    "libwebpdemux": "BSD-3-Clause",
    "libwebpmux": "BSD-3-Clause",
    "libx265": "GPL-2.0-or-later",
    "libxcb": "X11",
    "libz": "Zlib",
    "libzmq": "MPL-2.0",
    "libzstd": "BSD-3-Clause",
}
# Distributions whose metadata names no licence, or more than the one of what is installed.
STATED = {
    # Its own licence is a file without a name; that of axe-core, which it brings, is in its head.
    "axe-playwright-python": "MIT AND MPL-2.0",
    # The metadata adds a mode for Emacs under the GPL, which is not installed.
    "docutils": "BSD-2-Clause",
    "libcst": "MIT",
    "pytest-django": "BSD-3-Clause",
    # Apache-2.0 for what was added since 2017, BSD-3-Clause for all.
    "python-dateutil": "BSD-3-Clause",
}
# How metadata from before SPDX says it, in lower case.
_SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd 3-clause or apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "isc license": "ISC",
    "bsd license": "BSD",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
# libx265-4883ecb5.so.217, as auditwheel names it, or libx265.217.dylib.
_LIBRARY_FILE = re.compile(
    r"(?P<name>lib[\w+]+?)(?:-[0-9a-f]{8})*(?:\.so\.?(?P<linux>[\d.]*)|\.(?P<mac>[\d.]*?)\.?dylib)"
)
_LIBRARY_FOLDERS = (".libs", ".dylibs")
# What setuptools once wrote where there was nothing, and what says that there are several.
_NO_NAMES = {"", "UNKNOWN", "Dual License"}
_LONGEST = 60  # characters of a name; what is longer is the text of a licence


@dataclass(frozen=True, order=True)
class Component:
    """Something installed: ``licence`` is SPDX, empty if unknown; ``inside`` names its wheel."""

    name: str
    version: str
    licence: str
    inside: str = ""

    @property
    def names(self) -> list[str]:
        """The licences that it names, whether one may choose or has to follow all of them."""
        return re.split(r" AND | OR ", re.sub(r"[()]", "", self.licence))

    @property
    def is_accepted(self) -> bool:
        """Whether each licence that it names is accepted."""
        return all(
            licence in ACCEPTED or (self.inside, self.name, licence) in EXCEPTIONS
            for licence in self.names
        )


def installed(found: Iterable[Distribution] | None = None) -> list[Component]:
    """Return all components of this environment (or of what was ``found``), in order of names."""
    components = set()
    for one in distributions() if found is None else found:
        components.add(Component(one.name, one.version, licence_of(one)))
        components.update(_libraries(one))
    return sorted(components, key=lambda component: (component.name.lower(), component))


def licence_of(one: Distribution) -> str:
    """Return the licence of a distribution as SPDX, or in its own words; empty if it has none."""
    if (name := one.name.lower().replace("_", "-")) in STATED:
        return STATED[name]
    if expression := _field(one, "License-Expression"):
        return expression
    field = _field(one, "License")
    if field not in _NO_NAMES and "\n" not in field and len(field) <= _LONGEST:
        return _SPELLINGS.get(field.lower(), field)
    prefix = "License :: "
    classifiers = [text for text in one.metadata.get_all("Classifier") or [] if prefix in text]
    names = sorted({text.rpartition(" :: ")[2] for text in classifiers})
    return " AND ".join(_SPELLINGS.get(name.lower(), name) for name in names)


def _field(one: Distribution, name: str) -> str:
    values = one.metadata.get_all(name) or [""]
    return str(values[0]).strip()


def _libraries(one: Distribution) -> Iterator[Component]:
    for file in one.files or []:
        if file.parent.name.endswith(_LIBRARY_FOLDERS) and (
            match := _LIBRARY_FILE.fullmatch(file.name)
        ):
            name, version = match["name"], match["linux"] or match["mac"] or ""
            yield Component(name, version, LIBRARIES.get(name, ""), inside=one.name)
