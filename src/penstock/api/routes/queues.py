"""DLI's queue calls."""

from fastapi import APIRouter

router = APIRouter()
