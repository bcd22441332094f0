"""The sentences of faults about topics and subscriptions, in Chinese and in English; literals that SMN shows are kept."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

TOPICS: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        # dli: error codes, DLI.11032, word for word
        C.TOPIC_UNKNOWN: Pair(
            "SMN主题不存在请用户选择一个可用SMN主题",
            "There is no SMN topic {topic} in this project. Create it first, or name one that is there.",
        ),
        C.TOPIC_NOT_FOUND: Pair(
            "主题{topic}不存在，请查询可用的主题。", "Topic not found. See which topics this project has, or create it."
        ),
        C.TOPIC_URN_INVALID: Pair(
            "topic_urn {urn}无效，格式应为urn:smn:region:project_id:name。",
            "Parameter: TopicUrn is invalid. Write it as urn:smn:region:project_id:name; creating the topic answers it.",
        ),
        C.TOPIC_NAME_INVALID: Pair(
            "主题名称无效：应为1到255个字符，只能包含字母、数字、-和_，且以字母或数字开头。",
            "Parameter: Name is invalid. Use 1 to 255 letters, digits, - and _, beginning with a letter or digit.",
        ),
        C.TOPIC_DISPLAY_NAME_INVALID: Pair(
            "主题显示名无效：不能包含控制字符，且不能超过{limit}字节。",
            "Parameter: DisplayName is invalid. Use at most {limit} bytes without control characters.",
        ),
        C.TOPICS_TOO_MANY: Pair(
            "主题数量已达上限{limit}，请先删除不需要的主题。",
            "This project has {limit} topics, which is the limit. Delete one that is not needed.",
        ),
        C.SUBSCRIPTION_NOT_FOUND: Pair(
            "订阅{urn}不存在，请查询可用的订阅。",
            "Subscription not found. See which subscriptions this project has.",
        ),
        C.SUBSCRIPTION_URN_INVALID: Pair(
            "subscription_urn {urn}无效，请检查后重试。",
            "Parameter: SubscriptionUrn is invalid. Take it from the answer of the subscription, or from the list.",
        ),
        C.SUBSCRIPTIONS_TOO_MANY: Pair(
            "该主题的订阅数量已达上限{limit}，请先删除不需要的订阅。",
            "This topic has {limit} subscriptions, which is the limit. Delete one that is not needed.",
        ),
        C.PROTOCOL_INVALID: Pair(
            "协议{protocol}无效，可用的协议：{known}。",
            "Parameter: Protocol is invalid. This service tells subscriptions by {known}, not by {protocol!r}.",
        ),
        C.ENDPOINT_INVALID: Pair(
            "终端无效：http和https协议应为同协议的完整地址（不含用户名和密码），email协议应为一个邮箱地址，"
            "且不能超过{limit}个字符。",
            "Parameter: Endpoint is invalid. For {protocol}, give one address of that kind, at most {limit} characters: "
            "http and https want a whole URL of their scheme without a password in it, email one mail address.",
        ),
        C.ENDPOINT_FORBIDDEN: Pair(
            "终端{endpoint}在本服务的内部网络中，未被允许访问。请使用其他地址，或请管理员设置outgoing.allow。",
            "Parameter: Endpoint is invalid. {endpoint} is an address that this service may not call: choose another one, "
            "or ask the operator to add its network to outgoing.allow.",
        ),
        C.REMARK_INVALID: Pair(
            "备注无效：不能包含控制字符，且不能超过{limit}字节。",
            "Parameter: Remark is invalid. Use at most {limit} bytes without control characters.",
        ),
        C.SUBJECT_INVALID: Pair(
            "消息标题无效：不能包含控制字符，且不能超过{limit}字节。",
            "Parameter: Subject is invalid. Use at most {limit} bytes in one line, without control characters.",
        ),
        C.MESSAGE_INVALID: Pair(
            "消息内容无效：不能为空，且不能超过{limit}字节。",
            "Parameter: Message is invalid. Give message or message_structure, at most {limit} bytes.",
        ),
        C.MESSAGE_STRUCTURE_INVALID: Pair(
            "message_structure无效：应为包含default字段的JSON对象，各字段的值应为字符串。",
            "MessageStructure is invalid. It must be a JSON object in a text, with texts as its values and one of them "
            "named default.",
        ),
        C.TIME_TO_LIVE_INVALID: Pair(
            "time_to_live无效：应为{low}到{high}之间的秒数。",
            "Parameter: TimeToLive is invalid. Give a number of seconds from {low} to {high}.",
        ),
        C.SUBSCRIPTIONS_PAGE_INVALID: Pair(
            "offset或limit无效：offset应不小于0，limit应为{low}到{high}。",
            "Parameter: Offset or limit is invalid. offset is 0 or more, limit is from {low} to {high}.",
        ),
        C.LINK_INVALID: Pair(
            "该链接无效、已使用或已过期，请重新订阅。",
            "This link is not valid: it was used already, or it has expired. Subscribe again to get a new one.",
        ),
    }
)
