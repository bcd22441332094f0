"""The API document at `/openapi.json`: what routes that read the request themselves cannot say to FastAPI."""

import re
from typing import Any

from fastapi import FastAPI

# For `openapi_extra` of routes that differ from the rest.
PUBLIC: dict[str, Any] = {"security": []}
SIGNED: dict[str, Any] = {"security": [{"signature": []}]}

_IN_PATH = re.compile(r"{(\w+)}")
_CREDENTIALS = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Auth-Token",
        "description": "A token of one project, from POST /penstock/v1/tokens.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…, made with an access key (AK/SK).",
    },
}


class DocumentedApp(FastAPI):
    """FastAPI, whose document also names parameters in paths, and credentials."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()  # kept by FastAPI, and completed in place: doing it again changes nothing
        for path, calls in document["paths"].items():
            if names := _IN_PATH.findall(path):
                calls["parameters"] = [
                    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
                ]
        document.setdefault("components", {})["securitySchemes"] = _CREDENTIALS
        document["security"] = [{name: []} for name in _CREDENTIALS]
        return document
