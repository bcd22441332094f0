"""The page of errors: every fault with its codes on the wire, its statuses and its sentence."""

from words import opening, table

from penstock.api.errors import BY_OPERATION, TABLE
from penstock.api.fault_messages import FAULTS
from penstock.domain.faults import FaultCode

_INTRODUCTION = """
DLI's paths answer `{"error_code", "error_msg"}`, our own (`/penstock/v1/...`) RFC 9457 problems that list every fault
with its code and its field. If a request has several faults, code and status are the first one's and the message names
all. In the sentences, words in braces stand for what the request said.
"""


def page() -> str:
    rows = [
        (f"`{code}`", wire.code, str(wire.status), str(wire.own), FAULTS[code].en)
        for code, wire in sorted(TABLE.items(), key=lambda entry: list(FaultCode).index(entry[0]))
    ]
    others = [(f"`{operation}`", f"`{code}`", dli) for (operation, code), dli in BY_OPERATION.items()]
    return "".join(
        (
            opening("Errors", "the table of errors and their messages"),
            _INTRODUCTION,
            "\n## Faults\n\n",
            table(("Fault", "DLI code", "Status", "Status on our paths", "Sentence"), rows),
            "\n## Other codes for some operations\n\n",
            table(("Operation", "Fault", "DLI code"), others),
        )
    )
