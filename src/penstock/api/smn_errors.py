"""Which code and status SMN has for what can be wrong with any request; its own faults are in `errors.TABLE`.

smn: "Error codes". What it has no code for gets SMN.0400, as a number that no page of theirs uses.
"""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.domain.faults import Fault, FaultCode

C = FaultCode

_UNKNOWN_CALLER = ("SMN.0022", 401)  # smn says 403; here whoever is not known is told 401, on every path
_NOT_ALLOWED = ("SMN.0001", 403)
_BY_FAULT: Mapping[FaultCode, tuple[str, int]] = MappingProxyType(
    {
        C.TOKEN_MISSING: _UNKNOWN_CALLER,
        C.TOKEN_INVALID: _UNKNOWN_CALLER,
        C.SIGNATURE_INVALID: _UNKNOWN_CALLER,
        C.SIGNATURE_EXPIRED: _UNKNOWN_CALLER,
        C.ALGORITHM_UNSUPPORTED: _UNKNOWN_CALLER,
        C.CONTENT_DIFFERS: _UNKNOWN_CALLER,
        C.PROJECT_FOREIGN: _NOT_ALLOWED,
        C.OPERATOR_ONLY: _NOT_ALLOWED,
    }
)
# A wrong type, or a text with control characters, in a field that has a code.
_BY_FIELD: Mapping[str, str] = MappingProxyType(
    {
        "name": "SMN.0002",
        "display_name": "SMN.0003",
        "subject": "SMN.0008",
        "message": "SMN.0009",
        "protocol": "SMN.0011",
        "endpoint": "SMN.0012",
        "offset": "SMN.0015",
        "limit": "SMN.0015",
        "remark": "SMN.0017",
        "message_structure": "SMN.0021",
    }
)
_OTHERWISE = "SMN.0400"


def smn_wire_of(fault: Fault, code: str, status: int) -> tuple[str, int]:
    """Its code and status where DLI's are these."""
    if fault.code in _BY_FAULT:
        return _BY_FAULT[fault.code]
    if code.startswith("SMN."):
        return code, status
    return _BY_FIELD.get(fault.path, _OTHERWISE), status
