"""The API document, as the service gives it at /openapi.json."""

import json

from penstock.api.app import create_app


class _Nothing:
    """Stands where the app is given what it serves: its document is the same whatever that is."""

    def __getattr__(self, _name: str) -> "_Nothing":
        return self


def page() -> str:
    return json.dumps(create_app(_Nothing()).openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
