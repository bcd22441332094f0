"""How DLI's Flink job calls say that they did what was asked."""

from typing import Any

from fastapi import Request

from penstock.api.asking import language_of
from penstock.api.messages import Phrase, word
from penstock.api.oddities import is_success
from penstock.api.office import office_of


def said(request: Request, phrase: Phrase) -> dict[str, Any]:
    """`is_success` and `message`, which every answer has."""
    as_text = office_of(request).is_success_strings
    return {"is_success": is_success(as_text=as_text), "message": word(phrase, language_of(request))}
