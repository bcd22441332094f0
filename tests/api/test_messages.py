"""Every fault and every reason has words, in both languages, made of what it carries."""

import inspect
import re
from string import Formatter

import pytest

from penstock.api.errors import BY_OPERATION, TABLE, dli_error, wire_of
from penstock.api.fault_messages import FAULTS
from penstock.api.field_messages import BY_FIELD, KINDS
from penstock.api.messages import PHRASES, Language, Phrase, sentence_of, sentences_of, text_of
from penstock.api.reason_messages import REASONS
from penstock.api.routes.authorisation import router as buckets_router
from penstock.api.routes.jobs import router
from penstock.api.routes.queues import router as queues_router
from penstock.api.words import LABELS, NAMES, states_named
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import State
from penstock.domain.reason import Reason, ReasonCode

_MEMBER = re.compile(r'^\s+([A-Z_]+) = "[a-z_]+"(?:  # ([^:()\n]*))?', re.MULTILINE)
_WORD = re.compile(r"[a-z_]+")


def declared(enum):
    """The parameters of each member, as the comment beside it says."""
    return {enum[name]: set(_WORD.findall(comment)) for name, comment in _MEMBER.findall(inspect.getsource(enum))}


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


FAULT_PARAMS, REASON_PARAMS = declared(FaultCode), declared(ReasonCode)


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_words_made_of_what_it_carries(code):
    for text in FAULTS[code]:
        assert placeholders(text) <= FAULT_PARAMS[code] | {"job"}


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_a_code_of_dli_and_statuses(code):
    wire = TABLE[code]

    assert re.fullmatch(r"DLI\.\d{4,5}|SMN\.\d{4}", wire.code)
    assert {400 <= wire.status < 600, 400 <= wire.own < 600} == {True}


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_has_words_made_of_what_it_carries(code):
    for text in REASONS[code]:
        assert placeholders(text) <= REASON_PARAMS[code]


@pytest.mark.parametrize("phrase", list(Phrase))
def test_every_phrase_has_words(phrase):
    assert all(PHRASES[phrase])


@pytest.mark.parametrize("code", [code for code in FaultCode if code is not FaultCode.TOKEN_MISSING])
def test_english_sentences_are_sentences_and_say_what_to_do(code):
    text = FAULTS[code].en

    assert text.endswith(".")
    assert len(re.findall(r"[.:!?] +[A-Za-z{]", text)) >= 1, "one sentence says what is wrong, another what to do"


def test_sentences_of_fields_use_what_their_fault_carries():
    for (code, _), pair in BY_FIELD.items():
        assert all(placeholders(text) <= FAULT_PARAMS[code] for text in pair)


def test_codes_of_operations_belong_to_routes_that_are_there():
    routes = {route.name for one in (router, queues_router, buckets_router) for route in one.routes}

    assert {operation for operation, _ in BY_OPERATION} <= routes


def test_a_wrong_type_is_told_in_words():
    fault = Fault.at("cu_number", FaultCode.WRONG_TYPE, field="cu_number", expected="integer", given="boolean")

    assert sentence_of(fault, Language.EN) == (
        "The field cu_number must be a whole number, but true or false was given. Correct its type."
    )
    assert sentence_of(fault, Language.ZH) == "参数cu_number应为整数，实际为布尔值，请修改后重试。"
    assert all(pair.zh and pair.en for pair in KINDS.values())


def test_several_faults_are_one_message_with_the_code_of_the_first():
    first = Fault.at("name", FaultCode.NAME_EMPTY)
    second = Fault.at("cu_number", FaultCode.CUS_OUT_OF_RANGE, low=2, high=9, given=1)

    error = dli_error([first, second, first], Language.EN)

    assert error == {
        "error_code": "DLI.11007",
        "error_msg": "The job has no name. Give it one in the field name. cu_number must be from 2 to 9, but 1 was "
        "given. Choose a value in that range.",
    }
    assert sentences_of([first], Language.ZH) == "作业名称不能为空，请指定name。"


def test_a_reason_of_an_older_version_still_has_words():
    assert text_of(Reason.of(ReasonCode.WAITS_FOR_QUEUE, queue="q"), Language.EN) == (
        "queue q has ? of ? CUs free, the job asks for ?"
    )


def test_a_very_long_reason_is_cut():
    said = text_of(Reason.of(ReasonCode.REFUSED, said="x" * 5000), Language.EN)

    assert (len(said), said[-1]) == (2000, "…")


def test_braces_in_what_flink_said_stay_as_they_are():
    assert text_of(Reason.of(ReasonCode.BROKE, said="{a} {0} {"), Language.ZH) == "{a} {0} {"


def test_every_state_has_a_name_and_a_label():
    assert set(NAMES) == set(State)
    assert set(NAMES.values()) <= set(LABELS)
    assert {state for name in LABELS for state in states_named(name)} == set(State)
    assert states_named("running") is None


def test_an_operation_may_have_a_code_of_its_own():
    assert wire_of(FaultCode.JOB_UNKNOWN).code == "DLI.16001"
    assert wire_of(FaultCode.JOB_UNKNOWN, "run_jobs").code == "DLI.13007"
