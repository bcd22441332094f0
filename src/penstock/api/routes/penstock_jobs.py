"""Our own job calls: why a job is where it is, and its history."""

from fastapi import APIRouter

router = APIRouter()
