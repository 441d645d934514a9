"""The JSON Schema of the configuration, for editors and for checks elsewhere."""

from __future__ import annotations

from typing import Any

from driftcli.config import Channel, Config, StoreOptions
from driftcli.config_check import ENVIRONMENT_NAME, adapter
from driftcli.config_fields import Setting, feature_methods, known_metrics, settings, summary

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the YAML file."""
    schema: dict[str, Any] = {"$schema": DIALECT, **adapter().json_schema()}
    _describe(schema, Config, schema["$defs"])
    for section, key in ((Channel, "url_env"), (Channel, "secret_env"), (StoreOptions, "url_env")):
        named = schema["$defs"][section.__name__]["properties"][key]
        named["pattern"] = f"^{ENVIRONMENT_NAME}$"
    whereabouts = [{"required": ["url_env"]}, {"required": ["url_file"]}]
    schema["$defs"][Channel.__name__]["oneOf"] = whereabouts
    _name_methods(schema)
    return schema


def _describe(schema: dict[str, Any], section: Any, definitions: dict[str, Any]) -> None:
    """Add the meanings, and what the loader allows beside pydantic's types."""
    schema["description"] = summary(section)
    schema["title"] = section.__name__
    for item in settings(section):
        schema["properties"][item.name] = _property(item, schema["properties"][item.name])
        if item.shape.section is not None:
            inner = item.shape.section
            _describe(definitions[inner.__name__], inner, definitions)


def _property(item: Setting, allowed: dict[str, Any]) -> dict[str, Any]:
    allowed = {name: value for name, value in allowed.items() if name != "title"}
    described = {"description": item.meaning.replace("``", "`")}
    if "default" in allowed:
        described["default"] = allowed.pop("default")
    if item.shape.names:
        allowed = {"anyOf": [allowed, {"type": "string"}, {"type": "null"}]}
    elif item.shape.container:
        allowed = {"anyOf": [allowed, {"type": "null"}]}
    return described | allowed


def _name_methods(schema: dict[str, Any]) -> None:
    limits = {
        name: {"type": "number", "minimum": 0}
        | ({} if method.upper is None else {"maximum": method.upper})
        for name, method in feature_methods().items()
    }
    own = schema["properties"]["thresholds"]["anyOf"][0]
    own |= {"properties": limits, "additionalProperties": False}
    column = schema["properties"]["overrides"]["anyOf"][0]["additionalProperties"]
    importance = {"importance": {"type": "number", "minimum": 0}}
    column |= {"properties": limits | importance, "additionalProperties": False}
    drops = schema["$defs"]["Performance"]["properties"]["max_drop"]["anyOf"][0]
    drops["propertyNames"] = {"enum": list(known_metrics())}
