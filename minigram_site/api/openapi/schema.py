"""How operations are described in the OpenAPI document."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from minigram_site.api.openapi import headers, operation_ids, problems


class StatedSchema(AutoSchema):
    """drf-spectacular's description of a view, with errors, headers and a name that says what.

    Without docstrings, which are for its developers: public is what ``extend_schema`` is given as
    ``summary`` and ``description``.
    """

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return nothing: ``extend_schema`` overrides this where it is given a description."""
        return ""

    def get_operation_id(self) -> str:
        """Return the name of the operation (``operation_ids``)."""
        path = re.sub(self.path_prefix, "", self.path)
        is_list = self.method == "GET" and self._is_list_view()
        return operation_ids.operation_id(self.method, path, is_list=is_list)

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with all its errors and headers, ``None`` if it is left out."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if self.method == "PATCH":
            # Else it stands behind all optional headers in the functions of generated clients.
            operation["requestBody"]["required"] = True
        handler = getattr(self.view, self.method.lower())
        is_idempotent = getattr(handler, "is_idempotent", False)
        limit = self.view.limit_of(self.method)  # type: ignore[attr-defined]  # of ApiView
        headers.add_parameters(operation, has_token=self._has_token(), is_idempotent=is_idempotent)
        codes = problems.merged(
            problems.of_operation(
                operation,
                has_token=self._has_token(),
                writes=self.method != "GET",
                is_limited=limit is not None,
                is_idempotent=is_idempotent,
            ),
            problems.declared(self.view),
            problems.declared(handler),
        )
        if "{username}" in self.path:
            operation["responses"]["307"] = {"description": "This person has another name now."}
        operation["responses"] |= dict(problems.responses(codes))
        operation["x-problem-codes"] = {str(status): sorted(codes[status]) for status in codes}
        headers.add_to_responses(
            operation,
            writes=self.method != "GET" and self._has_token(),
            is_limited=limit is not None,
            is_idempotent=is_idempotent,
        )
        return operation

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """Add what a field's validators say, to one schema: an empty text is no other type."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        for part in schema.pop("oneOf", [])[:1]:
            schema |= {name: value for name, value in part.items() if name in {"type", "maxLength"}}
        if getattr(field, "takes_any_case", False) and "pattern" in schema:
            schema["pattern"] = schema["pattern"].replace("a-z", "A-Za-z")

    def _has_token(self) -> bool:
        return bool(self.view.authentication_classes)


def finished(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return the document with what its operations share: problems, headers, parameters.

    This is one of drf-spectacular's ``POSTPROCESSING_HOOKS``.
    """
    components = result["components"]
    known: set[str] = set()
    for operations in result["paths"].values():
        for operation in operations.values():
            known.update(*operation["x-problem-codes"].values())
    components["schemas"] |= problems.schemas(known)
    components["headers"] = headers.HEADERS
    for name, schema in components["schemas"].items():
        if name.endswith("Request"):
            _say_defaults(schema)
    components["parameters"] = headers.PARAMETERS
    return result


def _say_defaults(schema: dict[str, Any]) -> None:
    """Put the defaults of what may be left out into words.

    openapi-typescript takes what has a ``default`` for what is always there, in a request as well.
    """
    for field in schema.get("properties", {}).values():
        default = field.pop("default", "")
        if default != "":
            words = f"{field.get('description', '')} `{default}` if you leave it out."
            field["description"] = words.strip()
