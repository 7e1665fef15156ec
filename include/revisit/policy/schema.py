"""The JSON schema of a pack, for editors: every key with its type, and a reference to a parameter wherever a value may stand."""

from typing import Any

from revisit.policy.model import Pack

_REFERENCE = {
    "type": "object",
    "properties": {"parameter": {"type": "string"}, "unit": {"type": "string"}},
    "required": ["parameter"],
    "additionalProperties": False,
    "description": "a reference to a parameter of this pack",
}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of pack.yaml."""
    found = Pack.model_json_schema(by_alias=True)
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["$defs"]["Reference"] = _REFERENCE
    for name, node in [("Pack", found), *found["$defs"].items()]:
        if name not in ("Reference", "Parameter"):
            node["properties"] = {key: _or_reference(value) for key, value in node.get("properties", {}).items()}
    return found


def _or_reference(node: dict[str, Any]) -> dict[str, Any]:
    """A value, or a reference instead of it; lists of entries stay as they are."""
    if "$ref" in node or (node.get("type") == "array" and "$ref" in node.get("items", {})):
        return node
    kept: dict[str, Any] = {key: node.pop(key) for key in ("title", "description", "default") if key in node}
    return kept | {"anyOf": [*node.get("anyOf", [node]), {"$ref": "#/$defs/Reference"}]}
