"""Words about single fields: sentences of their own, and names of the types that a field can have."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

# Where a field deserves its own sentence.
BY_FIELD: Mapping[tuple[FaultCode, str], Pair] = MappingProxyType(
    {
        (C.OUT_OF_RANGE, "resume_max_num"): Pair(
            "resume_max_num应为-1（不限次数）或大于0的整数，实际为{given}，请修改后重试。",
            "resume_max_num must be -1 (no limit) or a number above 0, but {given} was given. Correct it, or leave it out.",
        ),
        (C.UNSUPPORTED, "manager_cu_number"): Pair(
            "暂不支持多个JobManager（manager_cu_number为{value}），请设置为1。",
            "manager_cu_number {value} asks for several JobManagers, which this version cannot start. Set it to 1.",
        ),
        (C.UNSUPPORTED, "feature"): Pair(
            "暂不支持feature={value}，请使用basic。",
            "feature {value} is not supported: jobs run on the Flink that is installed here. Use basic.",
        ),
        (C.UNSUPPORTED, "image"): Pair(
            "暂不支持自定义镜像（{value}），请去掉image。",
            "The image {value} cannot be used: jobs run on the Flink that is installed here. Leave image out.",
        ),
        (C.UNSUPPORTED, "resource_config_version"): Pair(
            "暂不支持resource_config_version={value}，请使用v1。",
            "resource_config_version {value} is not supported. Use v1 with cu_number and parallel_number.",
        ),
        (C.UNSUPPORTED, "tags"): Pair(
            "程序包没有标签，无法按标签{value}过滤，请去掉tags。",
            "Packages have no tags here, so {value} cannot be looked for. Leave tags out.",
        ),
    }
)

KINDS: Mapping[str, Pair] = MappingProxyType(
    {
        "integer": Pair("整数", "a whole number"),
        "boolean": Pair("布尔值", "true or false"),
        "text": Pair("字符串", "a text"),
        "texts": Pair("字符串数组", "a list of texts"),
        "tags": Pair("由key和value组成的数组", "a list of objects with key and value"),
        "ids": Pair("作业id数组", "a list of job ids"),
        "text_or_object": Pair("字符串或JSON对象", "a text or a JSON object"),
        "object": Pair("JSON对象", "a JSON object"),
        "number": Pair("数字", "a number"),
        "list": Pair("数组", "a list"),
        "null": Pair("空值", "null"),
        "nothing": Pair("空值", "nothing"),
        "other": Pair("其他值", "something else"),
    }
)
