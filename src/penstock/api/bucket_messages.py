"""The sentences of faults about buckets and objects, in Chinese and in English; literals that DLI shows are kept."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

BUCKETS: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        # dli: "Creating a Flink jar job", the sample of an error, word for word
        C.BUCKET_UNAUTHORISED: Pair(
            "作业请求中传入的的obs_bucket是未授权给数据湖探索服务的OBS桶请授权该OBS桶给数据湖探索服务",
            "The bucket {bucket} is not authorised for jobs, or this project has no such bucket. Create it, authorise "
            "it (POST dli/obs-authorize), then send the request again.",
        ),
        C.BUCKET_UNKNOWN: Pair(
            "OBS桶{bucket}不存在，请先创建该桶。",
            "This project has no bucket {bucket}. See which ones it has, or create it.",
        ),
        # dli: error codes, DLI.19005, word for word
        C.BUCKET_AUTHORISED: Pair(
            "请求中包含已授权的OBS桶，请首先过滤掉已经授权的OBS桶。",
            "The bucket {bucket} is authorised already. Leave it out; none of the other buckets was changed.",
        ),
        C.BUCKET_NOT_EMPTY: Pair(
            "OBS桶{bucket}不为空，请先删除其中的对象。",
            "The bucket {bucket} still holds objects. Delete them first, then the bucket.",
        ),
        C.BUCKETS_MISSING: Pair(
            "请求中没有OBS桶，请在obs_buckets中至少指定一个桶。",
            "The request names no bucket. Name at least one in the list obs_buckets.",
        ),
        C.BUCKET_NEEDS_OPERATOR: Pair(
            "对象存储自带桶，OBS桶{bucket}须由运维人员映射，请联系本服务的运维人员。",
            "The object store has buckets of its own, so that an operator of this service has to map {bucket} to one. "
            "Ask them: penstock bucket map {bucket} --project YOURS --to THEIRS.",
        ),
        C.BUCKET_MAPPED: Pair(
            "OBS桶{bucket}已映射到{location}，须先由运维人员解除映射。",
            "The bucket {bucket} is mapped to {location}. An operator has to unmap it first, which deletes no object: "
            "penstock bucket unmap {bucket}.",
        ),
        C.BUCKET_NOT_MAPPED: Pair(
            "OBS桶{bucket}没有映射，可直接删除。",
            "The bucket {bucket} is not mapped to a bucket of the store. Its project can delete it.",
        ),
        C.BUCKET_LOGGED_TO: Pair(
            "作业{name}（{job}）正在使用OBS桶{bucket}，请先停止该作业。",
            "The job {name} (id {job}) names the bucket {bucket} and is not over. Stop it first, then unmap the bucket.",
        ),
        C.LOCATION_INVALID: Pair(
            "位置{location}无效，请使用 桶名 或 桶名/前缀。",
            "{location} is no place in the object store. Write BUCKET or BUCKET/PREFIX: the name with 3 to 63 lower-case "
            "letters, digits, dots and hyphens, the prefix without empty parts, . and .. between slashes.",
        ),
        C.LOCATION_TAKEN: Pair(
            "位置{location}与项目{project}的OBS桶{bucket}的位置{other}重叠，请更换前缀。",
            "{location} and {other} overlap, and {other} belongs to the bucket {bucket} of the project {project}. Choose "
            "a prefix of its own.",
        ),
        C.LOCATION_OF_SERVICE: Pair(
            "位置{location}与本服务自己的位置{other}重叠，请更换桶或前缀。",
            "{location} and {other} overlap, and {other} is the service's own. Choose another bucket or prefix.",
        ),
        C.LOCATION_UNUSABLE: Pair(
            "无法使用位置{location}：{why} 请修正后重试。",
            "{location} cannot be used. {why} Put that right, then map the bucket again.",
        ),
        C.STORE_WITHOUT_BUCKETS: Pair(
            "当前对象存储没有自己的桶，项目可直接创建OBS桶，无需映射。",
            "This object store has no buckets of its own to map to. Projects make theirs: penstock bucket create.",
        ),
        C.OBJECT_UNKNOWN: Pair(
            "OBS桶{bucket}中不存在对象{key}，请检查对象名。",
            "The bucket {bucket} has no object {key}. Check its key; a list of the objects shows those that are there.",
        ),
        C.OBJECT_KEY_INVALID: Pair(
            "对象名{key}无效：以/分隔的各部分不能为空，也不能是.或..。",
            "{key} is no key of an object. Leave no part between two slashes empty, and use neither . nor .. as one.",
        ),
        C.OBJECT_KEY_TOO_LONG: Pair(
            "对象名过长：总长不超过{limit}字节，以/分隔的每一部分不超过{part_limit}字节。",
            "The key of the object is too long. Use at most {limit} bytes of UTF-8, and {part_limit} between two slashes.",
        ),
        C.OBJECT_KEY_IN_THE_WAY: Pair(
            "对象{key}与已有对象{other}冲突：一个对象名不能是另一个对象所在的目录，请更换对象名。",
            "{key} cannot stand beside the object {other}: one would be a folder of the other. Choose another key.",
        ),
        C.OBJECT_PATH_INVALID: Pair(
            "路径{source}不是对象路径，请使用obs://桶名/对象名。",
            "{source} is no path of an object here. Write obs://bucket/key; addresses count where their host is {host} "
            "(the setting api.object_host).",
        ),
        C.SOURCE_UNKNOWN: Pair(
            "OBS桶{bucket}中不存在对象{key}，请检查路径。",
            "This project has no object {key} in a bucket {bucket}. Upload it there first, or correct the path.",
        ),
    }
)
