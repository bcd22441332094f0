"""Addresses of this service that letters carry; `api/routes/smn_links.py` serves them."""

from dataclasses import dataclass
from urllib.parse import quote

CONFIRM_PATH = "/smn/subscriptions/confirm"
LEAVE_PATH = "/smn/subscriptions/leave"
CERTIFICATE_PATH = "/smn/certificates"


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address under which others reach the service, without a slash at the end."""

    base: str

    def to_confirm(self, token: str) -> str:
        return f"{self.base}{CONFIRM_PATH}?token={quote(token, safe='')}"

    def to_leave(self, token: str) -> str:
        return f"{self.base}{LEAVE_PATH}?token={quote(token, safe='')}"

    def to_certificate(self, name: str) -> str:
        return f"{self.base}{CERTIFICATE_PATH}/{name}.pem"
