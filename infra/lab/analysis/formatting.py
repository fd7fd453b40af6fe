"""Numbers as text, equal on every processor and with every build of the numeric libraries.

The last bits of a float depend on the instructions that computed it. A value that lies between two
digits would then be printed as one here and as the other there: every float of the document is
rounded to ``SIGNIFICANT`` digits before it is formatted. Measured values have fewer digits, and
sums, fits and quantiles agree to more.
"""

from __future__ import annotations

import math

SIGNIFICANT = 9


def stable(value: float) -> float:
    """Return ``value`` rounded to nine significant digits; infinity and NaN as they are."""
    return float(f"{value:.{SIGNIFICANT}g}")


def fixed(value: float, digits: int = 0) -> str:
    """Return a number with so many digits after the point and commas between thousands."""
    return f"{stable(value):z,.{digits}f}"


def general(value: float, digits: int = 6) -> str:
    """Return a number with so many significant digits, without zeros at its end."""
    return f"{stable(value):z,.{digits}g}"


def whole_percent(share: float, digits: int = 0) -> str:
    """Return a share (0 to 1) as a percentage with so many digits after the point: ``97%``."""
    return f"{stable(share):z.{digits}%}"


def percent(share: float) -> str:
    """Return a share (0 to 1) as a percentage with three significant digits: ``0.25 %``."""
    share = stable(share)
    if share and abs(share) < 0.0001:
        return f"{fixed(share * 100, 4)} %"
    return f"{general(share * 100, 3)} %" if share < 1 else "100 %"


def figure(value: float | None, unit: str = "") -> str:
    """Return a figure with three significant digits and its unit; a dash for ``None``.

    Shares have the unit ``%`` and are printed as a percentage; integers without a unit as they are.
    """
    if value is None:
        return "–"
    if unit == "%":
        return f"{general(value * 100, 3)} %"
    value = stable(value)
    if value.is_integer() and not unit:
        return fixed(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{fixed(value, min(digits, 4))} {unit}".rstrip()
