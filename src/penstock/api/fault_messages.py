"""The sentence of every fault, in Chinese and in English: what is wrong, why, and what to do.

Long because it is a table of words; there is nothing else in it. Literals that DLI's pages show are kept.
"""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.bucket_messages import BUCKETS
from penstock.api.jar_messages import JAR_FAULTS
from penstock.api.pairs import Pair
from penstock.api.people_messages import PEOPLE
from penstock.api.place_messages import PLACES
from penstock.api.savepoint_messages import SAVEPOINT_FAULTS
from penstock.api.topic_messages import TOPICS
from penstock.domain.faults import FaultCode

C = FaultCode


_UNKNOWN_ID_ZH = "作业id不存在请提供一个可用的jobId, jobId可以从数据湖探索服务的作业列表页获取。"

_REQUEST: Mapping[FaultCode, Pair] = {
    C.BODY_NOT_JSON: Pair(
        "请求体不是有效的JSON对象，请检查后重试。",
        "The request body is not a valid JSON object. Send one JSON object, encoded as UTF-8.",
    ),
    C.BODY_TOO_LARGE: Pair(
        "请求体超过{limit}字节的上限，请减小后重试。",
        "The request body is larger than {limit} bytes. Send a smaller one.",
    ),
    C.FIELD_MISSING: Pair("缺少参数{field}，请提供该参数。", "The field {field} is missing. Give it a value."),
    C.WRONG_TYPE: Pair(
        "参数{field}应为{expected}，实际为{given}，请修改后重试。",
        "The field {field} must be {expected}, but {given} was given. Correct its type.",
    ),
    C.OUT_OF_RANGE: Pair(
        "参数{field}的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "The field {field} must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.TEXT_TOO_LONG: Pair(
        "参数{field}的长度为{given}，超过上限{limit}，请缩短后重试。",
        "The field {field} has {given} characters; at most {limit} are allowed. Shorten it.",
    ),
    C.CONTROL_CHARACTERS: Pair(
        "参数{field}包含控制字符或无效的Unicode字符，请删除后重试。",
        "The field {field} holds control characters or broken Unicode. Remove them.",
    ),
    C.UNSUPPORTED: Pair(
        "参数{field}的取值{value}暂不支持，请去掉该参数或使用默认值。",
        "The value {value} of {field} is not supported by this version. Leave the field out or use its default.",
    ),
    C.ROUTE_UNKNOWN: Pair(
        "接口{method} {path}不存在，请检查请求地址。",
        "There is no {path} here. Check the address; the calls that exist are listed at /docs.",
    ),
    C.METHOD_NOT_ALLOWED: Pair(
        "接口{path}不支持{method}方法，请检查请求方法。",
        "{path} does not take {method}. Check the method; the calls that exist are listed at /docs.",
    ),
    C.HEADER_TOO_LARGE: Pair("请求头过大，请减小后重试。", "The request headers are too large. Send smaller ones."),
}

_CALLERS: Mapping[FaultCode, Pair] = {
    C.TOKEN_MISSING: Pair(
        "X-Auth-Token is not defined in request. It is mandatory. Please define and send the request.",
        "X-Auth-Token is not defined in request. It is mandatory. Please define and send the request.",
    ),
    C.TOKEN_INVALID: Pair(
        "Token info for token is null, return. Token无效或已过期，请重新获取。",
        "Token info for token is null, return. The token is unknown or has expired: get a new one.",
    ),
    C.SIGNATURE_INVALID: Pair(
        "请求签名无效（{why}），请检查AK/SK与签名方法。",
        "The signature of the request is not valid: {why}. Check the access key, the secret key and what was signed.",
    ),
    C.SIGNATURE_EXPIRED: Pair(
        "请求签名的时间{date}与服务器时间相差过大，请校准时钟后重试。",
        "The request was signed at {date}, too far from the time of this server. Set the clock and sign again.",
    ),
    C.ALGORITHM_UNSUPPORTED: Pair(
        "不支持签名算法{algorithm}，请使用SDK-HMAC-SHA256。",
        "The signing algorithm {algorithm} is not supported. Sign with SDK-HMAC-SHA256.",
    ),
    C.PROJECT_FOREIGN: Pair(
        "请求地址中的项目{project}与凭证所属的项目不一致，请检查project_id。",
        "The project {project} in the address is not one of yours. Check the project id and the credentials.",
    ),
    C.OPERATOR_ONLY: Pair(
        "只有管理员才能执行该操作，请使用管理员的凭证。",
        "Only an operator may do this. Use an operator's credentials.",
    ),
}

_JOBS: Mapping[FaultCode, Pair] = {
    C.NAME_EMPTY: Pair("作业名称不能为空，请指定name。", "The job has no name. Give it one in the field name."),
    C.NAME_TOO_LONG: Pair(
        "作业名称长度为{given}，超过上限{limit}，请缩短后重试。",
        "The job name has {given} characters; at most {limit} are allowed. Shorten it.",
    ),
    C.NAME_CHARACTERS: Pair(
        "作业名称{name}包含不支持的字符，只能使用中文、字母、数字、下划线和中划线。",
        "The job name {name} has characters that are not allowed. Use Chinese characters, letters, digits, _ and - only.",
    ),
    C.NAME_TAKEN: Pair(
        "作业名称{name}已存在，请使用其他名称。",
        "A job named {name} exists already. Choose another name, or delete that job.",
    ),
    C.DESC_TOO_LONG: Pair(
        "作业描述长度为{given}，超过上限{limit}，请缩短后重试。",
        "The description has {given} characters; at most {limit} are allowed. Shorten it.",
    ),
    C.CUS_OUT_OF_RANGE: Pair(
        "cu_number的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "cu_number must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.MANAGER_CUS_OUT_OF_RANGE: Pair(
        "manager_cu_number的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "manager_cu_number must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.CUS_NOT_ABOVE_MANAGER: Pair(
        "cu_number（{cus}）必须大于manager_cu_number（{manager_cus}），请修改后重试。",
        "cu_number ({cus}) must be more than manager_cu_number ({manager_cus}), or nothing is left for the work. "
        "Raise cu_number.",
    ),
    C.PARALLELISM_OUT_OF_RANGE: Pair(
        "parallel_number的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "parallel_number must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.PARALLELISM_ABOVE_CUS: Pair(
        "parallel_number（{parallelism}）不能超过4 ×（cu_number − manager_cu_number）= {limit}，请减小并行数或增加CU。",
        "parallel_number ({parallelism}) may be at most 4 × (cu_number − manager_cu_number) = {limit}. "
        "Lower it or raise cu_number.",
    ),
    C.BUCKET_NEEDED: Pair(
        "开启作业日志时必须指定obs_bucket，请指定一个OBS桶。",
        "Logs are on, but obs_bucket names no bucket for them. Name one, or set log_enabled to false.",
    ),
    C.BUCKET_NAME_INVALID: Pair(
        "OBS桶名{bucket}无效，请检查obs_bucket。",
        "{bucket} is not a bucket name. Use 1 to 63 letters, digits, dots, _ and -, beginning with a letter or digit.",
    ),
    C.MAIN_CLASS_TOO_LONG: Pair(
        "main_class长度为{given}字节，超过上限{limit}字节，请修改后重试。",
        "main_class has {given} bytes; at most {limit} are allowed. Name the class by its full name only.",
    ),
    C.MAIN_CLASS_SPACE: Pair(
        "main_class（{main_class}）不能包含空格，请修改后重试。",
        "main_class ({main_class}) holds a space. Name one class; its arguments belong into entrypoint_args.",
    ),
    C.MAIN_CLASS_UNKNOWN: Pair(
        "在{entrypoint}及其依赖包中找不到主类{main_class}，请检查main_class。",
        "The class {main_class} is neither in {entrypoint} nor in the dependency jars. Check main_class and the jar.",
    ),
    C.MAIN_CLASS_MISSING: Pair(
        "未指定main_class，且{entrypoint}的清单中没有Main-Class，请指定main_class。",
        "main_class is not given, and the manifest of {entrypoint} names no Main-Class. Name the class in main_class.",
    ),
    C.ARGS_TOO_LONG: Pair(
        "entrypoint_args长度为{given}字节，超过上限{limit}字节，请缩短后重试。",
        "entrypoint_args has {given} bytes; at most {limit} are allowed. Put long input into a dependency file.",
    ),
    C.ARGS_UNBALANCED: Pair(
        "entrypoint_args无法拆分为参数（{why}），请检查引号。",
        "entrypoint_args cannot be split into words: {why}. Close every quote, or escape it with a backslash.",
    ),
    C.CHECKPOINT_INTERVAL: Pair(
        "checkpoint_interval的取值范围为{low}到{high}秒，实际为{given}，请修改后重试。",
        "checkpoint_interval must be from {low} to {high} seconds, but {given} was given. Choose a value in that range.",
    ),
    C.CHECKPOINT_MODE: Pair(
        "checkpoint_mode的取值{given}无效，请使用1（exactly_once）或2（at_least_once）。",
        "checkpoint_mode {given} is unknown. Use 1 (exactly_once) or 2 (at_least_once).",
    ),
    C.TAG_INVALID: Pair(
        "标签{key}无效（{why}），请检查标签的键和值。",
        "The tag {key} is not valid ({why}). A key has 1 to 128 and a value up to 255 letters, digits, spaces and "
        "_ . : + - @, no space at its ends, no _sys_ at the start, and each key comes once.",
    ),
    C.TAGS_TOO_MANY: Pair(
        "标签数量为{given}，超过上限{limit}，请删除部分标签。",
        "There are {given} tags; at most {limit} are allowed. Remove some.",
    ),
    C.PACKAGE_UNKNOWN: Pair(
        "invalid resource /{package}, cannot find resource {package}，请先上传该程序包或检查其名称。",
        "invalid resource /{package}, cannot find resource {package}. Upload the package, or check its group and name.",
    ),
    C.PACKAGE_NAME_INVALID: Pair(
        "程序包名称{package}无效，请使用“分组/文件名”或“文件名”。",
        "{package} is not a package name. Name it as group/file.jar or file.jar, as it was uploaded.",
    ),
    C.NOT_A_JAR: Pair(
        "程序包{package}不是有效的jar文件（{why}），请重新上传。",
        "The package {package} is not a jar that Java can read: {why} Build it again and upload it.",
    ),
    C.FILES_OF_ONE_NAME: Pair(
        "依赖文件{first}与{second}的文件名相同（{file}），作业中只能保留一个，请修改文件名。",
        "The dependency files {first} and {second} have the same file name {file}, and a job sees file names only. "
        "Rename one of them.",
    ),
    C.DRAFTS_TOO_MANY: Pair(
        "从未运行过的草稿作业不能超过{limit}个，请先运行或删除部分草稿。",
        "A project may have {limit} drafts that never ran. Run or delete some of them first.",
    ),
    C.FLINK_VERSION_UNKNOWN: Pair(
        "flink_version {given}不可用，可用的版本为{known}。",
        "Flink {given} is not installed here. Use one of: {known}; or leave flink_version out.",
    ),
    C.JOB_UNKNOWN: Pair(_UNKNOWN_ID_ZH, "There is no job {job} in this project. Take a job id from the list of jobs."),
    C.JOB_ID_INVALID: Pair(
        "作业id必须为大于0的整数，实际为{given}，请提供正确的jobId。",
        "A job id must be a number above 0, but {given} was given. Take a job id from the list of jobs.",
    ),
    C.JOB_ACTIVE: Pair(
        "作业当前状态（{state}）为运行中或提交中，不能修改{fields}，请先停止作业。",
        "The job is {state}: {fields} cannot be changed while it runs or is being submitted. Stop it first.",
    ),
    C.JOB_NOT_EDITABLE: Pair(
        "作业当前状态（{state}）不允许修改{fields}，请等待其停止后重试。",
        "The job is {state}, so {fields} cannot be changed now. Wait until it has stopped, then try again.",
    ),
    C.JOB_IDS_EMPTY: Pair(_UNKNOWN_ID_ZH, "job_ids names no job. Give at least one id from the list of jobs."),
    C.JOB_NOT_RUNNABLE: Pair(
        "作业{job}当前状态（{state}）不允许运行，请等待其停止后重试。",
        "The job {job} cannot be run now, as it is {state}. Wait until it has stopped, then run it again.",
    ),
    C.JOB_NOT_STOPPABLE: Pair(
        "当前状态的作业不允许被停止或触发保存点，作业{job}的状态为{state}。",
        "The job {job} cannot be stopped, nor make a savepoint, as it is {state}. Only a job that was submitted or "
        "runs can.",
    ),
    C.GRAPH_MISSING: Pair(
        "作业{job}没有执行流图，请在作业运行后查询。",
        "The job {job} has no execution graph, as Flink does not run it now. Ask again when it runs.",
    ),
    C.ENTRYPOINT_NEEDED: Pair(
        "作业没有指定entrypoint，请指定一个jar程序包后运行。",
        "The job names no entrypoint, so there is nothing to run. Name the jar package in entrypoint.",
    ),
    C.QUEUE_NEEDED: Pair(
        "作业没有指定队列，请指定queue_name后运行。",
        "The job names no queue to run on. Name one in queue_name.",
    ),
    C.QUEUE_SHARED: Pair(
        "jar作业只能运行在专属的通用队列上，队列{queue}不是（resource_mode=1，queue_type=general）。",
        "Jar jobs run on dedicated general queues only, and {queue} is none. Name a queue that was made with "
        "resource_mode 1 and queue_type general.",
    ),
    C.PLACE_UNKNOWN: Pair(
        "运行环境{place}不存在，请检查place。",
        "There is no place named {place} in the settings of this service. Name one that is, or leave it out.",
    ),
    C.PLACE_UNBOUND: Pair(
        "运行环境{place}没有绑定到任何状态目录，无需释放。",
        "The place {place} is bound to no state directory. There is nothing to release: start the service that is to have "
        "it.",
    ),
    C.PLACE_SERVED: Pair(
        "运行环境{place}正由一个服务管理，不能释放。请先停止该服务。",
        "A service looks after the place {place} now, so it is not released. Stop that service first, and wait for 20 "
        "seconds.",
    ),
    C.JOB_ABOVE_QUEUE: Pair(
        "队列{queue}共有{total}个CU，作业需要{asked}个，请减小作业规格或使用更大的队列。",
        "The queue {queue} has {total} CUs in all, but the job asks for {asked}: it can never run there. Ask for less, "
        "or use a larger queue.",
    ),
    C.JOB_ABOVE_PLACE: Pair(
        "运行环境{place}共可提供{total}，作业需要{asked}，请减小作业规格。",
        "The place {place} offers {total} in all, but the job takes {asked}: it can never run there. Ask for less, or "
        "use a queue on a larger place.",
    ),
    C.OFFSET_INVALID: Pair(
        "查询作业列表失败，使用了错误的offset参数请设置不小于0的offset参数获取作业列表",
        "The offset {given} is not valid. Use a whole number that is not below 0.",
    ),
    C.LIMIT_INVALID: Pair(
        "limit的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "The limit must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.STATUS_UNKNOWN: Pair(
        "作业状态{given}不存在，请使用job_init、job_submitting、job_running等状态名。",
        "There is no job status {given}. Use a name such as job_init, job_submitting or job_running.",
    ),
    C.TAG_FILTER_INVALID: Pair(
        "标签过滤条件{given}无效，请使用k=v,k2=v2的形式，最多10对。",
        "The tag filter {given} is not valid. Write it as k=v,k2=v2, with at most 10 pairs.",
    ),
}

_QUEUES: Mapping[FaultCode, Pair] = {
    C.QUEUE_UNKNOWN: Pair(
        "There is no queue named {queue}，请检查队列名称。",
        "There is no queue named {queue} in this project. Check the name, or create the queue.",
    ),
    C.QUEUE_TAKEN: Pair(
        "Queue {queue} already exists，请使用其他名称。",
        "Queue {queue} already exists. Choose another name; names differ by more than case.",
    ),
    C.QUEUE_NAME_INVALID: Pair(
        "队列名称{queue}无效，只能使用字母、数字和下划线，不能是纯数字，也不能以下划线开头。",
        "The queue name {queue} is not valid. Use letters, digits and _, not digits alone, and no _ at the start.",
    ),
    C.QUEUE_NAME_TOO_LONG: Pair(
        "队列名称的长度应为1到{limit}，实际为{given}，请修改后重试。",
        "A queue name has 1 to {limit} characters, but this one has {given}. Choose another one.",
    ),
    C.QUEUE_DESCRIPTION_TOO_LONG: Pair(
        "队列描述长度为{given}，超过上限{limit}，请缩短后重试。",
        "The description has {given} characters; at most {limit} are allowed. Shorten it.",
    ),
    C.QUEUE_CUS_INVALID: Pair(
        "cu_count的取值范围为{low}到{high}，实际为{given}，请修改后重试。",
        "cu_count must be from {low} to {high}, but {given} was given. Choose a value in that range.",
    ),
    C.QUEUE_TYPE_INVALID: Pair(
        "queue_type的取值{given}无效，请使用sql或general。",
        "There is no queue type {given}. Use general for jar jobs, or sql.",
    ),
    C.QUEUE_BUSY: Pair(
        "队列{queue}上还有{jobs}个未结束的作业，请先停止这些作业。",
        "The queue {queue} still has {jobs} jobs that wait or run. Stop them first.",
    ),
}

_PACKAGES: Mapping[FaultCode, Pair] = {
    C.RESOURCE_UNKNOWN: Pair(
        "程序包{package}不存在，请检查名称和分组。",
        "There is no package {package} in this project. Check its name and its group.",
    ),
    C.KIND_INVALID: Pair(
        "kind的取值{given}无效，请使用jar、pyFile、file或modelFile。",
        "There is no package kind {given}. Use jar, pyFile, file or modelFile.",
    ),
    C.GROUP_NAME_INVALID: Pair(
        "分组名称{group}无效，长度为1到64，只能使用字母、数字、点、下划线和中划线。",
        "The group name {group} is not valid. Use 1 to 64 letters, digits, dots, _ and -, and no dot at the start.",
    ),
    C.FILE_PART_MISSING: Pair(
        "请求中没有file部分，请以multipart/form-data上传文件。",
        "The upload has no part named file. Send the file as multipart/form-data in a part of that name.",
    ),
    C.FILE_NAME_INVALID: Pair(
        "文件名{name}无效，长度为1到128，不能包含斜杠，也不能以点开头。",
        "The file name {name} is not valid. Use 1 to 128 characters, no slashes, and no dot at the start.",
    ),
    C.UPLOAD_BROKEN: Pair(
        "上传的内容不完整（{why}），请重新上传。", "The upload is broken: {why}. Upload the file again."
    ),
    C.CONTENT_DIFFERS: Pair(
        "请求体与签名中的摘要不一致，请重新签名后重试。",
        "The body is not what was signed. Sign exactly the bytes that are sent.",
    ),
    C.STORE_FULL: Pair(
        "存储空间不足，请联系管理员清理后重试。",
        "The store has no space left, so nothing was kept. Ask the operator to make room, then try again.",
    ),
    C.PACKAGE_UPLOADING: Pair(
        "程序包{package}正在从{source}上传，请等待其状态变为READY后重试。",
        "The package {package} is still being copied from {source}. Wait until its status is READY, then try again.",
    ),
    C.PACKAGE_CONTENT_LOST: Pair(
        "程序包{package}的内容已丢失，请重新上传",
        "The content of the package {package} is lost. Upload it again.",
    ),
    C.PACKAGE_SOURCE_GONE: Pair(
        "程序包{package}上传失败：对象{source}已不存在，请重新放置该对象并再次上传程序包。",
        "The package {package} failed: {source} was gone before it was copied. Put the object there, and upload again.",
    ),
    C.PACKAGE_SOURCE_SILENT: Pair(
        "程序包{package}上传失败：长时间无法复制{source}，存储无响应或空间不足，请联系管理员，然后再次上传。",
        "The package {package} failed: {source} could not be copied, as the store was silent or full for too long. "
        "Ask the operator to look at the store, then upload again.",
    ),
}

FAULTS: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        **_REQUEST,
        **_CALLERS,
        **_JOBS,
        **_QUEUES,
        **_PACKAGES,
        **JAR_FAULTS,
        **PEOPLE,
        **PLACES,
        **SAVEPOINT_FAULTS,
        **TOPICS,
        **BUCKETS,
    }
)
