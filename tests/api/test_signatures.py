"""Signatures: both vectors of the contract, the official SDK's signer, and everything that must not hold."""

import hashlib
from datetime import UTC, datetime

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.api.signatures import EMPTY_HASH, Head, canonical_request, proves, read_claim, sign
from penstock.domain.errors import NotKnown
from penstock.domain.faults import FaultCode

BODY = b'{"job_ids": [298765], "resume_savepoint": false}'
BODY_HASH = "c488c0131b7adcf1d9747e62ab6e3619e25f932b30348412993cdac5d448098e"
AUTHORIZATION = (
    "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;x-sdk-date, "
    "Signature=9c0d3cf73527656685dea797c323fcd74da4c583dbde97ede4b57c04f649687c"
)
HEADERS = {
    "Content-Type": "application/json",
    "Host": "dli.local:8080",
    "X-Sdk-Date": "20240102T030405Z",
    "Authorization": AUTHORIZATION,
}
PATH = b"/v1.0/0123456789abcdef/streaming/jobs/run"
AT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def head(headers: dict[str, str] = HEADERS, method: str = "POST", path: bytes = PATH, query: bytes = b"") -> Head:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Head(method=method, path=path, query=query, headers=raw)


def holds(one: Head, content: str = BODY_HASH, secret: str = "SKEXAMPLE") -> bool:
    return proves(read_claim(one), one, content, secret)


def why(one: Head) -> object:
    with pytest.raises(NotKnown) as caught:
        read_claim(one)
    return caught.value.faults[0].params.get("why", caught.value.faults[0].code)


def test_vector_a_holds() -> None:
    assert holds(head())


def test_vector_b_holds_with_a_chinese_query_and_no_body() -> None:
    authorization = (
        "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;x-project-id;x-sdk-date, "
        "Signature=8df6b77da292cdd037d1e57adb6124c2a0c86534e8dbf97a3993f1fa5871ef76"
    )
    headers = {**HEADERS, "X-Project-Id": "0123456789abcdef", "Authorization": authorization}
    query = b"limit=10&name=%E6%B5%8B%E8%AF%95%20job&tags=k1%3Dv1%2Ck2%3Dv2"

    assert holds(head(headers, "GET", b"/v1.0/0123456789abcdef/streaming/jobs", query), EMPTY_HASH)


def test_we_sign_as_vector_a_does() -> None:
    sent = {"Content-Type": "application/json"}

    signed = sign("POST", f"http://dli.local:8080{PATH.decode()}", sent, BODY, "AKEXAMPLE", "SKEXAMPLE", AT)

    assert signed == HEADERS


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "other:8080"), ("Content-Type", "text/plain"), ("X-Sdk-Date", "20240102T030406Z")],
)
def test_a_changed_header_breaks_the_signature(name: str, value: str) -> None:
    assert not holds(head({**HEADERS, name: value}))


def test_method_path_query_body_and_secret_are_all_covered() -> None:
    assert not holds(head(method="PUT"))
    assert not holds(head(path=PATH.replace(b"run", b"stop")))
    assert not holds(head(path=b"/" + PATH))
    assert not holds(head(query=b"force=true"))
    assert not holds(head(), EMPTY_HASH)
    assert not holds(head(), secret="SKOTHER")


def test_headers_that_are_not_signed_do_not_matter() -> None:
    assert holds(head({**HEADERS, "X-Project-Id": "anything", "Accept": "*/*"}))


def test_names_of_headers_match_in_any_case_and_values_are_trimmed() -> None:
    shouted = {name.upper(): f"  {value} \t" for name, value in HEADERS.items()}

    assert holds(head(shouted))


@pytest.mark.parametrize("spaced", [AUTHORIZATION.replace(", ", ","), AUTHORIZATION.replace(", ", " ,   ")])
def test_spaces_around_commas_do_not_matter(spaced: str) -> None:
    assert holds(head({**HEADERS, "Authorization": spaced}))


@pytest.mark.parametrize(
    "broken",
    [
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=AKEXAMPLE",
        AUTHORIZATION.replace("Access=AKEXAMPLE", "Access="),
        AUTHORIZATION.replace("AKEXAMPLE", "AK\N{LATIN SMALL LETTER E WITH ACUTE}"),
        AUTHORIZATION + ", Signature=00",
        AUTHORIZATION + ", Credential=x",
    ],
)
def test_an_authorization_without_exactly_its_three_parts_is_refused(broken: str) -> None:
    assert why(head({**HEADERS, "Authorization": broken})) == "header_malformed"


@pytest.mark.parametrize("other", ["V11-HMAC-SHA256 Credential=x", "SDK-HMAC-SM3 Access=x", "Bearer x", "x" * 5000])
def test_other_algorithms_are_refused_by_name(other: str) -> None:
    assert why(head({**HEADERS, "Authorization": other})) == FaultCode.ALGORITHM_UNSUPPORTED


def test_the_date_has_to_be_signed() -> None:
    unsigned = AUTHORIZATION.replace("content-type;host;x-sdk-date", "content-type;host")
    without = {name: value for name, value in HEADERS.items() if name != "X-Sdk-Date"}

    assert why(head({**HEADERS, "Authorization": unsigned})) == "date_not_signed"
    assert why(head(without)) == "date_not_signed"


@pytest.mark.parametrize("date", ["2024-01-02T03:04:05Z", "20241302T030405Z", "20240102T030405Zx", "now"])
def test_a_date_of_another_form_is_refused(date: str) -> None:
    assert why(head({**HEADERS, "X-Sdk-Date": date})) == "date_malformed"


@pytest.mark.parametrize(
    "names", ["accept;host;x-sdk-date", ";host;x-sdk-date", "Host;x-sdk-date", "h\nost;x-sdk-date"]
)
def test_every_signed_header_has_to_be_there(names: str) -> None:
    changed = AUTHORIZATION.replace("content-type;host;x-sdk-date", names)

    assert why(head({**HEADERS, "Authorization": changed})) == "header_missing"


@pytest.mark.parametrize("name", ["Authorization", "X-Sdk-Date", "X-Sdk-Content-Sha256"])
def test_headers_that_decide_may_not_come_twice(name: str) -> None:
    once = {**HEADERS, "X-Sdk-Content-Sha256": BODY_HASH}
    one = head(once)
    twice = Head(method="POST", path=PATH, query=b"", headers=[*one.headers, (name.lower().encode(), b"x")])

    assert why(twice) == "header_repeated"


@pytest.mark.parametrize("content", ["", "00", BODY_HASH.upper(), "unsigned-payload"])
def test_a_content_hash_of_another_form_is_refused(content: str) -> None:
    assert why(head({**HEADERS, "X-Sdk-Content-Sha256": content})) == "content_hash_malformed"


def test_a_path_that_is_encoded_otherwise_means_the_same() -> None:
    plain, encoded = b"/v2.0/p/resources/a b~(1).jar", b"/v2.0/p/resources%2Fa%20b%7e%281%29.jar/"

    assert canonical_request(head(path=plain), (), "") == canonical_request(head(path=encoded), (), "")


def test_double_slashes_stay_in_what_is_signed() -> None:
    assert canonical_request(head(path=b"//a///b"), (), "").split(b"\n")[1] == b"//a///b/"


def test_repeated_keys_are_ordered_by_value_and_empty_values_keep_their_sign() -> None:
    one = head(query=b"b=2&a=z&a=%2B&&a=+&c&b=10")

    assert canonical_request(one, (), "").split(b"\n")[2] == b"a=%20&a=%2B&a=z&b=10&b=2&c="


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    segments=st.lists(TEXTS, min_size=1, max_size=4),
    query=st.lists(st.tuples(TEXTS, TEXTS), max_size=4),
    extra=st.dictionaries(st.from_regex(r"[Xx]-[A-Za-z]{1,8}", fullmatch=True), TEXTS, max_size=3),
    body=st.binary(max_size=40),
)
def test_what_the_official_sdk_signs_holds(
    method: str,
    segments: list[str],
    query: list[tuple[str, str]],
    extra: dict[str, str],
    body: bytes,
) -> None:
    path = Signer._url_encode("/".join(["", *segments])).replace("%2F", "/")
    extra = {name.lower(): value for name, value in extra.items()}
    wanted = SdkRequest(
        method=method,
        schema="http",
        host="dli.local:8080",
        resource_path=path,
        query_params=query,
        header_params={"Content-Type": "application/json", **extra},
        body=body,
    )

    made = Signer(BasicCredentials("AK", "SK", "p")).sign(wanted)

    target = made.uri.partition("?")
    raw = [(name.encode(), value.encode("latin-1")) for name, value in made.header_params.items()]
    came = Head(method=method, path=target[0].encode(), query=target[2].encode(), headers=raw)
    claim = read_claim(came)
    content = hashlib.sha256(body).hexdigest()
    assert proves(claim, came, content, "SK")
    assert not proves(claim, came, content, "SL")


@settings(max_examples=60, deadline=None)
@given(
    target=st.lists(TEXTS, max_size=3),
    query=st.lists(st.tuples(TEXTS, TEXTS), max_size=4),
    body=st.binary(max_size=40),
)
def test_what_we_sign_holds(target: list[str], query: list[tuple[str, str]], body: bytes) -> None:
    quoted = Signer._url_encode("/".join(["", *target])).replace("%2F", "/")
    pairs = "&".join(f"{Signer._url_encode(name)}={Signer._url_encode(value)}" for name, value in query)

    sent = sign("PUT", f"http://127.0.0.1:1{quoted}?{pairs}", {"X-Odd_Name": "1"}, body, "AK", "SK", AT)

    came = head(sent, "PUT", quoted.encode() or b"/", pairs.encode())
    assert proves(read_claim(came), came, hashlib.sha256(body).hexdigest(), "SK")
