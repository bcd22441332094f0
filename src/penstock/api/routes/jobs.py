"""DLI's job calls."""

from fastapi import APIRouter

router = APIRouter()
