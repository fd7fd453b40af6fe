"""Rows for the tests of plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.social.plans import data


@pytest.fixture(scope="package", autouse=True)
def many_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Insert the rows for all tests here, and take them away at the end."""
    with django_db_blocker.unblock():
        data.insert()
        connection.close()
        yield
        data.delete()
        connection.close()
