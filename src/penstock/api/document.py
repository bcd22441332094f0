"""The API document at `/openapi.json`: what routes that read the request themselves cannot say to FastAPI."""

import re
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

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


_PAGE = "/docs"
_PARTS = f"{_PAGE}/parts"


class DocumentedApp(FastAPI):
    """FastAPI, whose document also names parameters in paths, and credentials.

    The page that shows it comes whole from this service: FastAPI's own loads its scripts from elsewhere, and a machine
    that runs Flink may see no elsewhere.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(docs_url=None, redoc_url=None, **arguments)
        self.mount(_PARTS, StaticFiles(directory=str(files("fastapi_offline") / "static")))
        self.add_api_route(_PAGE, self._page, include_in_schema=False, response_class=HTMLResponse)

    async def _page(self) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=str(self.openapi_url),
            title=self.title,
            swagger_js_url=f"{_PARTS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_PARTS}/swagger-ui.css",
            swagger_favicon_url=f"{_PARTS}/favicon.png",
        )

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
