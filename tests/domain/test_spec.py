"""What can be wrong with a job by itself: every limit at both of its edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.domain.faults import FaultCode as C
from penstock.domain.footprint import footprint_of, slots_of
from penstock.domain.run_sheet import Part
from penstock.domain.spec import JobSpec, arguments_of, faults_of
from penstock.testing.builders import a_part, a_sheet, a_spec


def codes(**changes):
    return [fault.code for fault in faults_of(a_spec(**changes))]


GOOD = [
    {},
    {"name": "测" * 57},
    {"name": "a-b_9测试"},
    {"desc": "é" * 2048},
    {"desc": "two\nlines"},
    {"main_class": "c" * 512},
    {"entrypoint_args": "'" + "a" * 1022 + "'"},
    {"cu_number": 400, "parallel_number": 1596},
    {"cu_number": 501, "parallel_number": 2000},
    {"dependency_jars": ("g/a.jar", "h/a.jar"), "dependency_files": ("g/a.csv", "g/a.csv")},
    {"checkpoint_interval": 1},
    {"resume_max_num": -1},
    {"resume_max_num": 1},
    {"tags": (("k", ""), ("键", "v 1"))},
]
BAD = [
    ({"name": ""}, C.NAME_EMPTY),
    ({"name": "测" * 58}, C.NAME_TOO_LONG),
    ({"name": "a b"}, C.NAME_CHARACTERS),
    ({"name": "a\n"}, C.NAME_CHARACTERS),
    ({"name": "../x"}, C.NAME_CHARACTERS),
    ({"name": "a\U0001f600"}, C.NAME_CHARACTERS),
    ({"name": "a\x00"}, C.CONTROL_CHARACTERS),
    ({"desc": "é" * 2049}, C.DESC_TOO_LONG),
    ({"desc": "a\x00"}, C.CONTROL_CHARACTERS),
    ({"queue_name": "q" * 129}, C.QUEUE_NAME_TOO_LONG),
    ({"cu_number": 1}, C.CUS_OUT_OF_RANGE),
    ({"cu_number": 10_001}, C.CUS_OUT_OF_RANGE),
    ({"manager_cu_number": 0}, C.MANAGER_CUS_OUT_OF_RANGE),
    ({"manager_cu_number": 5}, C.MANAGER_CUS_OUT_OF_RANGE),
    ({"manager_cu_number": 2, "cu_number": 2}, C.CUS_NOT_ABOVE_MANAGER),
    ({"parallel_number": 0}, C.PARALLELISM_OUT_OF_RANGE),
    ({"parallel_number": 2001, "cu_number": 600}, C.PARALLELISM_OUT_OF_RANGE),
    ({"parallel_number": 5}, C.PARALLELISM_ABOVE_CUS),
    ({"tm_cus": 0}, C.OUT_OF_RANGE),
    ({"tm_slot_num": -1}, C.OUT_OF_RANGE),
    ({"main_class": "c" * 513}, C.MAIN_CLASS_TOO_LONG),
    ({"main_class": "é" * 257}, C.MAIN_CLASS_TOO_LONG),
    ({"main_class": "a b"}, C.MAIN_CLASS_SPACE),
    ({"entrypoint_args": "a" * 1025}, C.ARGS_TOO_LONG),
    ({"entrypoint_args": "--name 'open"}, C.ARGS_UNBALANCED),
    ({"entrypoint": "../../etc/passwd"}, C.PACKAGE_NAME_INVALID),
    ({"entrypoint": "a/b/c.jar"}, C.PACKAGE_NAME_INVALID),
    ({"dependency_jars": ("",)}, C.PACKAGE_NAME_INVALID),
    ({"dependency_files": ("g/a.csv", "h/a.csv")}, C.FILES_OF_ONE_NAME),
    ({"log_enabled": True}, C.BUCKET_NEEDED),
    ({"obs_bucket": "a/b"}, C.BUCKET_NAME_INVALID),
    ({"checkpoint_interval": 0}, C.CHECKPOINT_INTERVAL),
    ({"checkpoint_mode": "twice"}, C.CHECKPOINT_MODE),
    ({"resume_max_num": 0}, C.OUT_OF_RANGE),
    ({"resume_max_num": -2}, C.OUT_OF_RANGE),
    ({"feature": "custom"}, C.UNSUPPORTED),
    ({"image": "org/image:1"}, C.UNSUPPORTED),
    ({"resource_config_version": "v2"}, C.UNSUPPORTED),
    ({"tags": tuple((f"k{n}", "v") for n in range(21))}, C.TAGS_TOO_MANY),
    ({"tags": (("", "v"),)}, C.TAG_INVALID),
    ({"tags": (("_sys_a", "v"),)}, C.TAG_INVALID),
    ({"tags": (("k", "v"), ("k", "w"))}, C.TAG_INVALID),
]


@pytest.mark.parametrize("changes", GOOD)
def test_a_spec_within_its_limits_has_no_fault(changes):
    assert codes(**changes) == []


@pytest.mark.parametrize(("changes", "code"), BAD)
def test_a_spec_beyond_a_limit_has_that_fault(changes, code):
    assert code in codes(**changes)


def test_all_faults_are_found_at_once():
    assert codes(name="", cu_number=1, main_class="a b") == [C.NAME_EMPTY, C.CUS_OUT_OF_RANGE, C.MAIN_CLASS_SPACE]


@given(st.builds(JobSpec, name=st.text(max_size=80), desc=st.text(), main_class=st.text(), entrypoint_args=st.text()))
def test_no_text_breaks_the_checks(spec):
    faults_of(spec)


def test_arguments_are_split_as_a_shell_splits_words_and_nothing_is_expanded():
    assert arguments_of("--name 'two words' \"$HOME\" a\\ b `id` *") == (
        "--name",
        "two words",
        "$HOME",
        "a b",
        "`id`",
        "*",
    )


@pytest.mark.parametrize(
    ("changes", "slots", "task_managers", "cus"),
    [
        ({}, 1, 1, 2),
        ({"cu_number": 5, "parallel_number": 4}, 1, 4, 5),
        ({"cu_number": 5, "parallel_number": 10}, 3, 4, 5),
        ({"cu_number": 5, "parallel_number": 4, "tm_cus": 2}, 2, 2, 5),
        ({"cu_number": 5, "parallel_number": 4, "tm_slot_num": 4}, 4, 1, 2),
        ({"cu_number": 5, "parallel_number": 4, "tm_slot_num": 4, "tm_cus": 3}, 4, 1, 4),
        ({"cu_number": 100, "parallel_number": 1}, 1, 1, 2),
    ],
)
def test_the_footprint_follows_the_documented_formula(changes, slots, task_managers, cus):
    spec = a_spec(**changes)

    assert (slots_of(spec), footprint_of(spec).task_managers, footprint_of(spec).cus) == (slots, task_managers, cus)


@given(st.integers(2, 400), st.integers(1, 4), st.integers(1, 50), st.integers(0, 10))
def test_a_footprint_always_has_slots_for_the_parallelism(cus, parallelism, tm_cus, slots):
    shape = footprint_of(a_spec(cu_number=cus, parallel_number=parallelism, tm_cus=tm_cus, tm_slot_num=slots))

    assert shape.slots * shape.task_managers >= shape.parallelism


def test_equal_contents_give_the_bundle_an_equal_name_whatever_the_packages_are_called():
    first = a_sheet(entrypoint=a_part("a.jar"), jars=(a_part("g/x.jar", "b"),))
    second = a_sheet(entrypoint=a_part("b.jar"), jars=(a_part("h/y.jar", "b"), a_part("g/x.jar", "b")))

    assert first.bundle == second.bundle


def test_the_order_of_dependency_jars_and_the_names_of_files_count():
    one, two = a_part("x.jar", "b"), a_part("y.jar", "c")
    names = {
        a_sheet(jars=(one, two)).bundle,
        a_sheet(jars=(two, one)).bundle,
        a_sheet(files=(Part("g/a.csv", "d" * 64),)).bundle,
        a_sheet(files=(Part("g/b.csv", "d" * 64),)).bundle,
    }

    assert len(names) == 4


def test_a_part_without_a_hash_is_no_part():
    with pytest.raises(ValueError, match="not a SHA-256"):
        Part("a.jar", "../../etc/passwd")
