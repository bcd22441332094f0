"""What a caller wants of a job, and everything that can be wrong with it before anything is looked up.

Limits and their sources: the DLI documentation of "create Flink jar job" (fields, ranges) and its list of error
codes (DLI.110xx). Text limits count characters for `name` and `desc` and UTF-8 bytes for `main_class` and
`entrypoint_args`, as those pages do.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from penstock.domain.bucket import bucket_name_faults
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.object_path import object_path_of
from penstock.domain.package import PackageName

NAME_LIMIT = 57
DESC_LIMIT = 2048
QUEUE_NAME_LIMIT = 128
CUS = (2, 10_000)
MANAGER_CUS = (1, 4)
PARALLELISM = (1, 2000)
CHECKPOINT_INTERVAL = (1, 999_999)  # seconds
MAIN_CLASS_LIMIT = 512  # bytes
ARGS_LIMIT = 1024  # bytes
TAGS_LIMIT = 20

_NAME = re.compile(r"[\w-]+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAG_KEY = re.compile(r"(?!_sys_)[\w .:+@-]{1,128}\Z")
_TAG_VALUE = re.compile(r"[\w .:+@-]{0,255}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """The fields of the request, in our types; what a field means is said by DLI's page of the same name."""

    name: str
    desc: str = ""
    queue_name: str = ""
    cu_number: int = 2
    manager_cu_number: int = 1
    parallel_number: int = 1
    tm_cus: int = 1
    tm_slot_num: int = 0  # 0: by the formula of `footprint.slots_of`
    main_class: str = ""  # empty: the manifest's
    entrypoint: str = ""
    entrypoint_args: str = ""
    dependency_jars: tuple[str, ...] = ()
    dependency_files: tuple[str, ...] = ()
    log_enabled: bool = False
    obs_bucket: str = ""
    smn_topic: str = ""
    restart_when_exception: bool = False
    resume_checkpoint: bool = False
    resume_max_num: int = -1
    checkpoint_enabled: bool = False
    checkpoint_mode: str = "exactly_once"
    checkpoint_interval: int = 10  # seconds
    checkpoint_path: str = ""
    feature: str = "basic"
    flink_version: str = ""
    image: str = ""
    runtime_config: str = ""
    flink_log_config: str = ""
    execution_agency_urn: str = ""
    resource_config_version: str = "v1"
    resource_config: str = ""  # the caller's JSON, verbatim
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def can_run(self) -> bool:
        """A job that names what it needs to run is started by create (dli-contract rule 4)."""
        return bool(self.queue_name and self.entrypoint)


def faults_of(spec: JobSpec) -> list[Fault]:
    """Every fault that the spec has by itself, in the order of the fields."""
    checks = (_texts, _names, _sizes, _parallelism, _code, _checkpoints, _tags, _unsupported)
    return [fault for check in checks for fault in check(spec)]


def arguments_of(entrypoint_args: str) -> tuple[str, ...]:
    """Split as a POSIX shell splits words; no expansion, no shell. Raises ValueError where a quote stays open."""
    return tuple(shlex.split(entrypoint_args))


def _texts(spec: JobSpec) -> Iterator[Fault]:
    texts = ("name", "desc", "queue_name", "main_class", "entrypoint", "entrypoint_args", "obs_bucket", "smn_topic")
    more = ("checkpoint_path", "runtime_config", "flink_log_config", "execution_agency_urn", "image", "flink_version")
    for field in texts + more:
        if _CONTROL.search(getattr(spec, field)):
            yield Fault.at(field, FaultCode.CONTROL_CHARACTERS, field=field)
    if len(spec.desc) > DESC_LIMIT:
        yield Fault.at("desc", FaultCode.DESC_TOO_LONG, limit=DESC_LIMIT, given=len(spec.desc))
    for field, limit in (("runtime_config", 65_536), ("flink_log_config", 65_536), ("checkpoint_path", 1024)):
        if len(getattr(spec, field)) > limit:
            yield Fault.at(field, FaultCode.TEXT_TOO_LONG, field=field, limit=limit, given=len(getattr(spec, field)))


def _names(spec: JobSpec) -> Iterator[Fault]:
    if not spec.name:
        yield Fault.at("name", FaultCode.NAME_EMPTY)
    elif len(spec.name) > NAME_LIMIT:
        yield Fault.at("name", FaultCode.NAME_TOO_LONG, limit=NAME_LIMIT, given=len(spec.name))
    elif not _NAME.match(spec.name):
        yield Fault.at("name", FaultCode.NAME_CHARACTERS, name=spec.name)
    if len(spec.queue_name) > QUEUE_NAME_LIMIT:
        given = len(spec.queue_name)
        yield Fault.at("queue_name", FaultCode.QUEUE_NAME_TOO_LONG, limit=QUEUE_NAME_LIMIT, given=given)
    if spec.log_enabled and not spec.obs_bucket:
        yield Fault.at("obs_bucket", FaultCode.BUCKET_NEEDED)
    if spec.obs_bucket:
        yield from bucket_name_faults(spec.obs_bucket, "obs_bucket")


def _sizes(spec: JobSpec) -> Iterator[Fault]:
    cus, manager = spec.cu_number, spec.manager_cu_number
    if not CUS[0] <= cus <= CUS[1]:
        yield Fault.at("cu_number", FaultCode.CUS_OUT_OF_RANGE, low=CUS[0], high=CUS[1], given=cus)
    if not MANAGER_CUS[0] <= manager <= MANAGER_CUS[1]:
        low, high = MANAGER_CUS
        yield Fault.at("manager_cu_number", FaultCode.MANAGER_CUS_OUT_OF_RANGE, low=low, high=high, given=manager)
    if CUS[0] <= cus <= manager:
        yield Fault.at("cu_number", FaultCode.CUS_NOT_ABOVE_MANAGER, cus=cus, manager_cus=manager)


def _parallelism(spec: JobSpec) -> Iterator[Fault]:
    workers = spec.cu_number - spec.manager_cu_number
    low, high = PARALLELISM
    if not low <= spec.parallel_number <= high:
        code = FaultCode.PARALLELISM_OUT_OF_RANGE
        yield Fault.at("parallel_number", code, low=low, high=high, given=spec.parallel_number)
    elif workers > 0 and spec.parallel_number > 4 * workers:
        limit = 4 * workers
        code = FaultCode.PARALLELISM_ABOVE_CUS
        yield Fault.at("parallel_number", code, parallelism=spec.parallel_number, limit=limit)
    for field, value, least in (("tm_cus", spec.tm_cus, 1), ("tm_slot_num", spec.tm_slot_num, 0)):
        if not least <= value <= CUS[1]:
            yield Fault.at(field, FaultCode.OUT_OF_RANGE, field=field, low=least, high=CUS[1], given=value)


def _code(spec: JobSpec) -> Iterator[Fault]:
    size = len(spec.main_class.encode("utf-8", "replace"))
    if size > MAIN_CLASS_LIMIT:
        yield Fault.at("main_class", FaultCode.MAIN_CLASS_TOO_LONG, limit=MAIN_CLASS_LIMIT, given=size)
    if re.search(r"\s", spec.main_class):
        yield Fault.at("main_class", FaultCode.MAIN_CLASS_SPACE, main_class=spec.main_class)
    size = len(spec.entrypoint_args.encode("utf-8", "replace"))
    if size > ARGS_LIMIT:
        yield Fault.at("entrypoint_args", FaultCode.ARGS_TOO_LONG, limit=ARGS_LIMIT, given=size)
    try:
        arguments_of(spec.entrypoint_args)
    except ValueError as error:
        yield Fault.at("entrypoint_args", FaultCode.ARGS_UNBALANCED, why=str(error))
    named: list[tuple[str, tuple[str, ...]]] = [("entrypoint", (spec.entrypoint,) if spec.entrypoint else ())]
    named += [("dependency_jars", spec.dependency_jars), ("dependency_files", spec.dependency_files)]
    for field, packages in named:
        for package in packages:
            if PackageName.parse(package) is None and object_path_of(package) is None:
                yield Fault.at(field, FaultCode.PACKAGE_NAME_INVALID, package=package)
    yield from _files_of_one_name(spec.dependency_files)


def _files_of_one_name(files: tuple[str, ...]) -> Iterator[Fault]:
    """Only the file name is kept under `userData/`, so two packages of one file name would hide each other."""
    seen: dict[str, str] = {}
    for package in files:
        name = package.rpartition("/")[2]
        if seen.setdefault(name, package) != package:
            code = FaultCode.FILES_OF_ONE_NAME
            yield Fault.at("dependency_files", code, file=name, first=seen[name], second=package)


def _checkpoints(spec: JobSpec) -> Iterator[Fault]:
    low, high = CHECKPOINT_INTERVAL
    if not low <= spec.checkpoint_interval <= high:
        code = FaultCode.CHECKPOINT_INTERVAL
        yield Fault.at("checkpoint_interval", code, low=low, high=high, given=spec.checkpoint_interval)
    if spec.checkpoint_mode not in {"exactly_once", "at_least_once"}:
        yield Fault.at("checkpoint_mode", FaultCode.CHECKPOINT_MODE, given=spec.checkpoint_mode)
    if spec.resume_max_num == 0 or not -1 <= spec.resume_max_num <= 2**31 - 1:
        code, field = FaultCode.OUT_OF_RANGE, "resume_max_num"
        yield Fault.at(field, code, field=field, low=-1, high=2**31 - 1, given=spec.resume_max_num)


def _tags(spec: JobSpec) -> Iterator[Fault]:
    if len(spec.tags) > TAGS_LIMIT:
        yield Fault.at("tags", FaultCode.TAGS_TOO_MANY, limit=TAGS_LIMIT, given=len(spec.tags))
    for key, value in spec.tags:
        if not _TAG_KEY.match(key) or key != key.strip():
            yield Fault.at("tags", FaultCode.TAG_INVALID, key=key, why="key")
        elif not _TAG_VALUE.match(value) or value != value.strip():
            yield Fault.at("tags", FaultCode.TAG_INVALID, key=key, why="value")
    if len({key for key, _ in spec.tags}) < len(spec.tags):
        yield Fault.at("tags", FaultCode.TAG_INVALID, key="", why="twice")


def _unsupported(spec: JobSpec) -> Iterator[Fault]:
    wrong = {
        "feature": spec.feature not in {"", "basic"},
        "image": bool(spec.image),
        "resource_config_version": spec.resource_config_version not in {"", "v1"},
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            yield Fault.at(field, FaultCode.UNSUPPORTED, field=field, value=getattr(spec, field))
