"""Numbers are printed alike whatever their last bits are."""

from __future__ import annotations

from infra.lab.analysis.formatting import figure, fixed, percent, stable, whole_percent


def test_a_number_between_two_digits_is_printed_as_one_of_them_always() -> None:
    assert fixed(0.1 + 0.2, 1) == fixed(0.3, 1) == "0.3"
    assert {fixed(value, 1) for value in (12.25, 12.25 + 1e-12, 12.25 - 1e-12)} == {"12.2"}
    assert {percent(value) for value in (0.03335, 0.03335 + 1e-15, 0.03335 - 1e-15)} == {"3.33 %"}
    assert whole_percent(0.125 + 1e-13) == whole_percent(0.125 - 1e-13)
    assert figure(1234.5 + 1e-10, "MB") == figure(1234.5 - 1e-10, "MB")
    assert fixed(-0.0001) == "0"
    assert stable(float("inf")) == float("inf")
