"""What the library said, as it was recorded, and what we say; no sentence repeats what a server sends back of a request."""

import pytest

from penstock.domain.errors import ObjectMissing, StoreFull, StoreUnavailable
from penstock.object_stores.s3.troubles import Asked, error_of

ASKED = Asked(place="https://store", bucket="orders", key="a/b")


def answered(status, code="", more=""):
    """As the library words an answer that is an error."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>…</Message>{more}</Error>'
    return (
        "The operation lacked the necessary privileges to complete for path a/b: Error performing PUT "
        f"http://store/orders/a/b in 1.3ms - Server returned non-2xx status code: {status}: {body if code else ''}"
        '\n\nDebug source:\nPermissionDenied {\n    path: "a/b",\n'
    )


def broke(*debug):
    """As it words what broke before there was an answer."""
    return (
        "Generic S3 error: Error performing PUT http://store/orders/a/b in 0.3s, after 2 retries, max_retries: 2, "
        "retry_timeout: 10s  - HTTP error: error sending request\n\nDebug source:\nGeneric {\n" + "\n".join(debug)
    )


SKEW = "<RequestTime>{}</RequestTime><ServerTime>{}</ServerTime>"
ANSWERS = [
    (answered("403 Forbidden", "SignatureDoesNotMatch", "<StringToSign>AWS4-HMAC…</StringToSign>"), "the secret key"),
    (answered("404 Not Found", "XAdminUserNotFound"), "does not know the access key"),
    (answered("403 Forbidden", "InvalidAccessKeyId"), "does not know the access key"),
    (answered("400 Bad Request", "ExpiredToken"), "has expired: renew AWS_SESSION_TOKEN"),
    (answered("404 Not Found", "NoSuchBucket"), "has no bucket orders: make it there"),
    (answered("403 Forbidden", "AccessDenied"), "in the bucket orders"),
    (answered("403 Forbidden"), "does not allow this to our access key"),
    (answered("503 Service Unavailable", "SlowDown"), "is busy"),
    (answered("429 Too Many Requests"), "is busy"),
    (answered("502 Bad Gateway"), "answered 502."),
    (answered("500 Internal Server Error", "InternalError"), r"answered 500 \(InternalError\)."),
    (answered("403 Forbidden", "RequestTimeTooSkewed"), "our clock is wrong: set the clock"),
    (
        answered("403 Forbidden", "RequestTimeTooSkewed", SKEW.format("20261122T213000Z", "2026-11-22T21:00:00Z")),
        "wrong, 1800 s ahead of its own: set",
    ),
    (
        answered("403 Forbidden", "RequestTimeTooSkewed", SKEW.format("yesterday", "2026-11-22T21:00:00Z")),
        "our clock is wrong: set the clock",
    ),
    ("Generic S3 error: … - Received redirect without LOCATION, this normally indicates …", "in another region"),
]
BREAKS = [
    (broke("kind: Connect,", "code: 111,", "kind: ConnectionRefused,"), "refuses the connection: see that it is up"),
    (broke("kind: Connect,", '"dns error",', "failed to lookup address information"), "cannot be resolved"),
    (broke("kind: Connect,", "InvalidMessage(", "InvalidContentType,"), "does not speak TLS"),
    (broke("kind: Connect,", "InvalidCertificate(", "UnknownIssuer,"), "name its authority in store.ca"),
    (broke("kind: Connect,", "InvalidCertificate(", "NotValidForName,"), "a certificate of another name"),
    (broke("kind: Timeout,", "source: TimedOut,"), "does not answer in time"),
    (broke("kind: Request,", "hyper::Error(", "IncompleteMessage,"), "broke the connection off"),
    (broke("kind: Unknown,", "kind: Builder,", "source: BadScheme,"), "set store.allow_http"),
    ('Encountered object with invalid path: Error parsing Path "a//b"', "cannot be one here"),
    ("Something {new}\n\nDebug source:\n…", r"failed: Something \(new\)\."),
    ("", "failed: for an unknown reason"),
]


@pytest.mark.parametrize(("said", "words"), ANSWERS + BREAKS)
def test_a_cause_is_told_in_words(said, words):
    error = error_of(said, ASKED)

    assert type(error) is StoreUnavailable
    assert str(error).startswith("The object store at https://store ")
    assert words.replace("\\", "") in str(error)
    assert "\n" not in str(error)
    assert "AWS4-HMAC" not in str(error)


@pytest.mark.parametrize("said", [answered("404 Not Found", "NoSuchKey"), answered("404 Not Found")])
def test_an_object_that_is_not_there_is_missing(said):
    error = error_of(said, ASKED)

    assert isinstance(error, ObjectMissing)
    assert error.facts == {"key": "a/b"}


@pytest.mark.parametrize(
    "said", [answered("507 Insufficient Storage"), answered("403 Forbidden", "XMinioAdminBucketQuotaExceeded")]
)
def test_a_store_without_space_is_full(said):
    assert isinstance(error_of(said, ASKED), StoreFull)


def test_a_key_that_no_object_can_have_is_missing_where_it_is_read():
    said = answered("400 Bad Request", "KeyTooLongError")

    assert isinstance(error_of(said, ASKED, is_read=True), ObjectMissing)
    assert isinstance(error_of(said, ASKED), StoreUnavailable)
