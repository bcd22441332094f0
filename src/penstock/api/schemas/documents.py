"""What the API document says of bodies and queries: routes declare none, or they would be read before the caller is known."""

from typing import Any

from pydantic import BaseModel


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON body of this shape."""
    return {"requestBody": {"content": {"application/json": {"schema": model.model_json_schema()}}, "required": True}}


def asks(model: type[BaseModel]) -> dict[str, Any]:
    """A query of these parameters."""
    fields = model.model_json_schema()["properties"]
    return {"parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]}
