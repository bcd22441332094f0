"""Why a signature or an upload is refused, in words that go into the sentence of their fault."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair

WHYS: Mapping[str, Pair] = MappingProxyType(
    {
        "mismatch": Pair("签名不匹配，或AK不存在", "it does not match, or there is no such access key"),
        "header_malformed": Pair(
            "Authorization的格式不正确", "the header Authorization is not Access=…, SignedHeaders=…, Signature=…"
        ),
        "header_missing": Pair("SignedHeaders中的请求头缺失", "it covers a header that is not in the request"),
        "header_repeated": Pair("与签名有关的请求头重复", "a header that belongs to the signature comes twice"),
        "date_not_signed": Pair("签名未包含X-Sdk-Date", "it does not cover the header X-Sdk-Date"),
        "date_malformed": Pair("X-Sdk-Date的格式不正确", "X-Sdk-Date is not a time such as 20240102T030405Z"),
        "content_hash_malformed": Pair(
            "X-Sdk-Content-Sha256的格式不正确",
            "X-Sdk-Content-Sha256 is neither 64 lower-case hexadecimal digits nor UNSIGNED-PAYLOAD",
        ),
        "content_hash_needed": Pair(
            "上传请求必须包含X-Sdk-Content-Sha256",
            "an upload must say X-Sdk-Content-Sha256, the hash of its body or UNSIGNED-PAYLOAD, as the caller has to be "
            "known before the body is read",
        ),
        "payload_unsigned": Pair(
            "只有上传请求可以使用UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD is for uploads only, and this is none"
        ),
        "signature_needed": Pair("该请求必须使用AK/SK签名", "this call takes no token, it must be signed with a key"),
        "stalled": Pair("长时间没有收到数据", "nothing more came for a long time"),
        "hung_up": Pair("连接中断", "the connection broke off"),
        "not_multipart": Pair("Content-Type不是multipart/form-data", "its Content-Type is not multipart/form-data"),
        "parts_malformed": Pair("multipart的格式不正确", "its parts are not separated as its Content-Type says"),
        "ends_early": Pair("数据提前结束", "it ends before its last part does"),
        "parts_too_many": Pair("包含的部分过多", "it has too many parts"),
        "part_repeated": Pair("同名的部分重复出现", "it has two parts of one name"),
        "field_too_long": Pair("字段过长", "one of its fields is too long"),
    }
)
