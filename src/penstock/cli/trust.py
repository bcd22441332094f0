"""Whom the command line believes over HTTPS, and what it says when it does not.

Believed are the authorities that Python and this machine know, and the file that the profile, `--ca` or PENSTOCK_CA
names. What that file holds is believed as it is, so the service's own certificate will do. Nothing switches this off.
"""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from penstock.cli.profile import Profile
from penstock.cli.trouble import Trouble

_NAME_DIFFERS = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_TIME_DIFFERS = {9, 10}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


def context_for(profile: Profile) -> ssl.SSLContext:
    """To verify with. Raises Trouble if the file that should be believed cannot be."""
    if not profile.endpoint.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # believes nobody, and costs nothing to make
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if not profile.ca:
        return context
    try:
        context.load_verify_locations(cafile=profile.ca)
    except OSError as error:  # ssl.SSLError is one, too: a file without a certificate
        what = "holds no certificate in PEM" if isinstance(error, ssl.SSLError) else f"cannot be read: {error.strerror}"
        raise Trouble(
            f"The authority's file {profile.ca} {what}.",
            f"name the file of whoever signed the certificate of {profile.endpoint} with --ca or PENSTOCK_CA.",
        ) from error
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def trouble_with(error: httpx.HTTPError, profile: Profile) -> Trouble | None:
    """What is wrong with the encryption, if that is what is wrong."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _unbelieved(cause, profile.endpoint)
        if isinstance(cause, ssl.SSLError):
            return Trouble(
                f"{profile.endpoint} does not speak TLS as it should: {cause.reason or cause}.",
                f"see that it is the service's address; one without a certificate begins with http:// "
                f"(this one is from {profile.source}).",
            )
    return None


def _unbelieved(error: ssl.SSLCertVerificationError, endpoint: str) -> Trouble:
    host = urlsplit(endpoint).hostname
    if error.verify_code in _NAME_DIFFERS:
        return Trouble(
            f"The certificate of {endpoint} is not for {host}.",
            "call the service by a name that its certificate has: set PENSTOCK_ENDPOINT to https://NAME:PORT; "
            "the service writes that into its profile if server.public_url says it.",
        )
    if error.verify_code in _TIME_DIFFERS:
        return Trouble(
            f"The certificate of {endpoint} is not valid now: {error.verify_message}.",
            "renew it where the service runs, or put this machine's clock right.",
        )
    return Trouble(
        f"The certificate of {endpoint} is from an authority that is not known here: {error.verify_message}.",
        "if it should be believed, name the authority's file with --ca or PENSTOCK_CA.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
