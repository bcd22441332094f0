"""Ends with 0 if the service of this container answers; for the container engine's health check.

It asks over loopback and tells nothing, so it does not matter whose certificate answers.
"""

import http.client
import os
import ssl
import sys


def answers(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    port = int(os.environ.get("PENSTOCK_SERVER__PORT") or 7480)
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    plain = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    return (
        0
        if answers(plain) or answers(http.client.HTTPSConnection("127.0.0.1", port, timeout=3, context=unverified))
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
