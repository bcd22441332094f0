"""One thing wrong with a request: a code, the field it is about, and what the words need to know.

The words themselves, in both languages, are made at the edge (`api/messages.py`); a test demands both for every code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Param = str | int | float | bool | None


class FaultCode(StrEnum):
    """Every way in which a request can be wrong, in our own words; `api/errors.py` knows DLI's codes for them."""

    # the request itself
    BODY_NOT_JSON = "body_not_json"
    BODY_TOO_LARGE = "body_too_large"  # limit
    FIELD_MISSING = "field_missing"  # field
    WRONG_TYPE = "wrong_type"  # field, expected, given
    OUT_OF_RANGE = "out_of_range"  # field, low, high, given
    TEXT_TOO_LONG = "text_too_long"  # field, limit, given
    CONTROL_CHARACTERS = "control_characters"  # field
    UNSUPPORTED = "unsupported"  # field, value
    ROUTE_UNKNOWN = "route_unknown"  # method, path
    METHOD_NOT_ALLOWED = "method_not_allowed"  # method, path
    HEADER_TOO_LARGE = "header_too_large"
    # callers
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code, not a secret
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a code, not a secret
    SIGNATURE_INVALID = "signature_invalid"  # why
    SIGNATURE_EXPIRED = "signature_expired"  # date
    ALGORITHM_UNSUPPORTED = "algorithm_unsupported"  # algorithm
    PROJECT_FOREIGN = "project_foreign"  # project
    OPERATOR_ONLY = "operator_only"
    # jobs
    NAME_EMPTY = "name_empty"
    NAME_TOO_LONG = "name_too_long"  # limit, given
    NAME_CHARACTERS = "name_characters"  # name
    NAME_TAKEN = "name_taken"  # name
    DESC_TOO_LONG = "desc_too_long"  # limit, given
    CUS_OUT_OF_RANGE = "cus_out_of_range"  # low, high, given
    MANAGER_CUS_OUT_OF_RANGE = "manager_cus_out_of_range"  # low, high, given
    CUS_NOT_ABOVE_MANAGER = "cus_not_above_manager"  # cus, manager_cus
    PARALLELISM_OUT_OF_RANGE = "parallelism_out_of_range"  # low, high, given
    PARALLELISM_ABOVE_CUS = "parallelism_above_cus"  # parallelism, limit
    BUCKET_NEEDED = "bucket_needed"
    BUCKET_NAME_INVALID = "bucket_name_invalid"  # bucket
    MAIN_CLASS_TOO_LONG = "main_class_too_long"  # limit, given
    MAIN_CLASS_SPACE = "main_class_space"  # main_class
    MAIN_CLASS_UNKNOWN = "main_class_unknown"  # main_class, entrypoint
    MAIN_CLASS_MISSING = "main_class_missing"  # entrypoint
    MAIN_CLASS_MISNAMED = "main_class_misnamed"  # main_class, entrypoint, near
    MAIN_CLASS_NOT_YOURS = "main_class_not_yours"  # main_class
    MAIN_CLASS_NOT_PUBLIC = "main_class_not_public"  # main_class
    MAIN_METHOD_MISSING = "main_method_missing"  # main_class
    MAIN_METHOD_WRONG = "main_method_wrong"  # main_class, owner
    MAIN_METHOD_OUT_OF_REACH = "main_method_out_of_reach"  # main_class, owner
    CLASS_TOO_NEW = "class_too_new"  # class_name, package, compiled, java
    CLASS_OF_A_PREVIEW = "class_of_a_preview"  # class_name, package, compiled
    CLASS_DAMAGED = "class_damaged"  # class_name, package, why
    CLASS_MISSING = "class_missing"  # class_name, needed_by
    ARGS_TOO_LONG = "args_too_long"  # limit, given
    ARGS_UNBALANCED = "args_unbalanced"  # why
    CHECKPOINT_INTERVAL = "checkpoint_interval"  # low, high, given
    CHECKPOINT_MODE = "checkpoint_mode"  # given
    TAG_INVALID = "tag_invalid"  # key, why
    TAGS_TOO_MANY = "tags_too_many"  # limit, given
    PACKAGE_UNKNOWN = "package_unknown"  # package
    PACKAGE_NAME_INVALID = "package_name_invalid"  # package
    NOT_A_JAR = "not_a_jar"  # package, why
    ENTRY_POINTS_OUT = "entry_points_out"  # package, entry
    ENTRIES_OVERLAP = "entries_overlap"  # package, entry
    ENTRIES_TOO_MANY = "entries_too_many"  # package, limit
    JAR_UNPACKS_TOO_LARGE = "jar_unpacks_too_large"  # package, unpacked, limit
    INNER_JARS_TOO_LARGE = "inner_jars_too_large"  # package, entry, limit
    SIGNATURE_STALE = "signature_stale"  # package, entry
    FILES_OF_ONE_NAME = "files_of_one_name"  # file, first, second
    DRAFTS_TOO_MANY = "drafts_too_many"  # limit
    FLINK_VERSION_UNKNOWN = "flink_version_unknown"  # given, known
    JOB_UNKNOWN = "job_unknown"  # job
    JOB_IDS_EMPTY = "job_ids_empty"
    JOB_NOT_RUNNABLE = "job_not_runnable"  # state
    JOB_NOT_STOPPABLE = "job_not_stoppable"  # state
    GRAPH_MISSING = "graph_missing"  # job
    SAVEPOINT_MISSING = "savepoint_missing"  # job
    SAVEPOINT_ELSEWHERE = "savepoint_elsewhere"  # address, place: where it is; there is no copy
    SAVEPOINT_PATH_INVALID = "savepoint_path_invalid"  # given
    SAVEPOINT_UNKNOWN = "savepoint_unknown"  # folder: no `_metadata` lies there
    PLACE_WITHOUT_SAVEPOINTS = "place_without_savepoints"  # place
    ACTION_INVALID = "action_invalid"  # given
    JOB_IDS_DIFFER = "job_ids_differ"  # given, job
    ENTRYPOINT_NEEDED = "entrypoint_needed"
    QUEUE_NEEDED = "queue_needed"
    QUEUE_SHARED = "queue_shared"  # queue
    PLACE_UNKNOWN = "place_unknown"  # place
    PLACE_UNBOUND = "place_unbound"  # place
    PLACE_SERVED = "place_served"  # place
    PLACE_WITHOUT_LOGS = "place_without_logs"  # place, engine
    PLACE_WITH_ONE_JOB_MANAGER = "place_with_one_job_manager"  # place, engine, given
    PLACE_OF_ANOTHER_PROJECT = "place_of_another_project"  # place
    JOB_ABOVE_QUEUE = "job_above_queue"  # queue, total, asked
    JOB_ABOVE_PLACE = "job_above_place"  # place, total, asked
    OFFSET_INVALID = "offset_invalid"  # given
    LIMIT_INVALID = "limit_invalid"  # low, high, given
    STATUS_UNKNOWN = "status_unknown"  # given
    TAG_FILTER_INVALID = "tag_filter_invalid"  # given
    # queues
    QUEUE_UNKNOWN = "queue_unknown"  # queue
    QUEUE_TAKEN = "queue_taken"  # queue
    QUEUE_NAME_INVALID = "queue_name_invalid"  # queue
    QUEUE_NAME_TOO_LONG = "queue_name_too_long"  # limit, given
    QUEUE_DESCRIPTION_TOO_LONG = "queue_description_too_long"  # limit, given
    QUEUE_CUS_INVALID = "queue_cus_invalid"  # low, high, given
    QUEUE_TYPE_INVALID = "queue_type_invalid"  # given
    QUEUE_BUSY = "queue_busy"  # queue, jobs
    ENGINE_UNKNOWN = "engine_unknown"  # engine, known
    ENGINE_OF_ANOTHER_PLACE = "engine_of_another_place"  # engine, place, kind: the engine there
    ENGINE_OF_SEVERAL_PLACES = "engine_of_several_places"  # engine, places
    # packages
    RESOURCE_UNKNOWN = "resource_unknown"  # package (404, unlike a package that a job names)
    KIND_INVALID = "kind_invalid"  # given
    GROUP_NAME_INVALID = "group_name_invalid"  # group
    FILE_PART_MISSING = "file_part_missing"
    FILE_NAME_INVALID = "file_name_invalid"  # name
    UPLOAD_BROKEN = "upload_broken"  # why
    CONTENT_DIFFERS = "content_differs"  # what the signature says and what came are not the same
    STORE_FULL = "store_full"
    PACKAGE_UPLOADING = "package_uploading"  # package, source: of a job that names it; its content has yet to come
    PACKAGE_SOURCE_GONE = "package_source_gone"  # package, source
    PACKAGE_CONTENT_LOST = "package_content_lost"  # package
    PACKAGE_SOURCE_SILENT = "package_source_silent"  # package, source
    # buckets
    BUCKET_UNAUTHORISED = "bucket_unauthorised"  # bucket: of a job; it is not there, or not authorised
    BUCKET_UNKNOWN = "bucket_unknown"  # bucket
    BUCKET_AUTHORISED = "bucket_authorised"  # bucket
    BUCKET_NOT_EMPTY = "bucket_not_empty"  # bucket
    BUCKETS_MISSING = "buckets_missing"
    BUCKET_NEEDS_OPERATOR = "bucket_needs_operator"  # bucket: the store has buckets of its own
    BUCKET_MAPPED = "bucket_mapped"  # bucket, location
    BUCKET_NOT_MAPPED = "bucket_not_mapped"  # bucket
    BUCKET_LOGGED_TO = "bucket_logged_to"  # bucket, job, name
    LOCATION_INVALID = "location_invalid"  # location
    LOCATION_TAKEN = "location_taken"  # location, other, bucket, project
    LOCATION_OF_SERVICE = "location_of_service"  # location, other
    LOCATION_UNUSABLE = "location_unusable"  # location, why: in the store's words
    STORE_WITHOUT_BUCKETS = "store_without_buckets"
    OBJECT_UNKNOWN = "object_unknown"  # bucket, key
    OBJECT_KEY_INVALID = "object_key_invalid"  # key
    OBJECT_KEY_TOO_LONG = "object_key_too_long"  # limit, part_limit
    OBJECT_KEY_IN_THE_WAY = "object_key_in_the_way"  # key, other
    OBJECT_PATH_INVALID = "object_path_invalid"  # source, host
    SOURCE_UNKNOWN = "source_unknown"  # bucket, key
    # edits
    JOB_ID_INVALID = "job_id_invalid"  # given
    JOB_ACTIVE = "job_active"  # state, fields
    JOB_NOT_EDITABLE = "job_not_editable"  # state, fields
    # people
    LOGIN_FAILED = "login_failed"
    LOGIN_TOO_OFTEN = "login_too_often"  # seconds
    IDENTITY_UNSUPPORTED = "identity_unsupported"  # method
    SCOPE_FOREIGN = "scope_foreign"
    TOKEN_UNKNOWN = "token_unknown"  # token  # noqa: S105 - a code, not a secret
    TOKEN_AMBIGUOUS = "token_ambiguous"  # token  # noqa: S105 - a code, not a secret
    CALLER_NAME_INVALID = "caller_name_invalid"  # field, limit
    PASSWORD_LENGTH = "password_length"  # low, high  # noqa: S105 - a code, not a secret
    USER_UNKNOWN = "user_unknown"  # user
    USER_TAKEN = "user_taken"  # user
    USER_IS_YOURSELF = "user_is_yourself"
    PROJECT_UNKNOWN = "project_unknown"  # project
    PROJECT_TAKEN = "project_taken"  # project
    PROJECT_BUSY = "project_busy"  # project, jobs
    KEY_UNKNOWN = "key_unknown"  # key
    KEY_IS_YOUR_LAST = "key_is_your_last"  # key
    # topics
    TOPIC_UNKNOWN = "topic_unknown"  # topic (400, for a job that names it)
    TOPIC_NOT_FOUND = "topic_not_found"  # topic
    TOPIC_URN_INVALID = "topic_urn_invalid"  # urn
    TOPIC_NAME_INVALID = "topic_name_invalid"  # name
    TOPIC_DISPLAY_NAME_INVALID = "topic_display_name_invalid"  # limit
    TOPICS_TOO_MANY = "topics_too_many"  # limit
    SUBSCRIPTION_NOT_FOUND = "subscription_not_found"  # urn
    SUBSCRIPTION_URN_INVALID = "subscription_urn_invalid"  # urn
    SUBSCRIPTIONS_TOO_MANY = "subscriptions_too_many"  # limit
    PROTOCOL_INVALID = "protocol_invalid"  # protocol, known
    ENDPOINT_INVALID = "endpoint_invalid"  # protocol, limit
    ENDPOINT_FORBIDDEN = "endpoint_forbidden"  # endpoint: an address that the operator's setting keeps closed
    REMARK_INVALID = "remark_invalid"  # limit
    SUBJECT_INVALID = "subject_invalid"  # limit
    MESSAGE_INVALID = "message_invalid"  # limit
    MESSAGE_STRUCTURE_INVALID = "message_structure_invalid"
    TIME_TO_LIVE_INVALID = "time_to_live_invalid"  # low, high
    SUBSCRIPTIONS_PAGE_INVALID = "subscriptions_page_invalid"  # low, high
    LINK_INVALID = "link_invalid"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request; `path` is the field as the caller wrote it, empty for the request as a whole."""

    code: FaultCode
    path: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)

    @classmethod
    def at(cls, path: str, code: FaultCode, **params: Param) -> "Fault":
        return cls(code, path, params)
