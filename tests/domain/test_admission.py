"""Who may start now."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from penstock.domain.admission import Scene, Verdict, pick
from penstock.domain.footprint import Room, footprint_of
from penstock.domain.lifecycle import State
from penstock.domain.reason import ReasonCode
from penstock.testing.builders import PROJECT, a_job, a_queue, a_queue_spec, a_run, a_run_id, a_spec
from penstock.testing.clock import NOON


def a_scene(holders=(), cus=16, room=None, place="here"):
    queue = a_queue(spec=a_queue_spec(cu_count=cus, place=place))
    return Scene(
        queues={(PROJECT, "testqueue"): queue},
        holders=list(holders),
        rooms={"here": room or Room()},
        default_place="here",
    )


def waiting(number, cus=2, **changes):
    spec = a_spec(name=f"job{number}", cu_number=cus, tm_cus=cus - 1)
    return a_job(id=number, state=State.QUEUED, spec=spec, run_asked_at=NOON + timedelta(seconds=number), **changes)


def holding(number, cus=2, **changes):
    job = waiting(number, cus)
    return replace(
        job, state=State.RUNNING, run=a_run(id=a_run_id(number), footprint=footprint_of(job.spec)), **changes
    )


def verdicts(answers):
    return [answer.verdict for answer in answers]


def test_a_job_that_fits_is_admitted_with_its_place_and_footprint():
    [answer] = pick([waiting(1)], a_scene())

    assert (answer.verdict, answer.place, answer.footprint.cus) == (Verdict.ADMIT, "here", 2)


def test_a_job_without_room_waits_and_the_reason_has_the_numbers():
    [answer] = pick([waiting(2, cus=4)], a_scene([holding(1, cus=14)]))

    assert answer.verdict is Verdict.WAIT
    assert answer.reason.code is ReasonCode.WAITS_FOR_QUEUE
    assert answer.reason.params == {"queue": "testQueue", "free": 2, "total": 16, "asked": 4}


def test_nobody_overtakes_a_job_that_waits_for_cus():
    answers = list(pick([waiting(2, cus=4), waiting(3, cus=2)], a_scene([holding(1, cus=14)])))

    assert verdicts(answers) == [Verdict.WAIT, Verdict.WAIT]
    assert answers[1].reason.code is ReasonCode.WAITS_FOR_TURN


def test_a_job_whose_old_run_still_lives_is_not_refused_yet():
    job = replace(holding(1), state=State.QUEUED)

    [answer] = pick([job], replace(a_scene(), queues={}))

    assert (answer.verdict, answer.reason.code) == (Verdict.WAIT, ReasonCode.WAITS_FOR_OLD_RUN)


def test_a_job_larger_than_its_queue_is_refused():
    [answer] = pick([waiting(1, cus=20)], a_scene())

    assert (answer.verdict, answer.reason.code) == (Verdict.REFUSE, ReasonCode.QUEUE_TOO_SMALL)


def test_a_job_whose_queue_is_gone_is_refused():
    [answer] = pick([replace(waiting(1), spec=a_spec(queue_name="other"))], a_scene())

    assert (answer.verdict, answer.reason.code) == (Verdict.REFUSE, ReasonCode.QUEUE_GONE)


def test_a_job_whose_old_run_is_there_waits_and_blocks_nobody():
    first = replace(waiting(1), run=a_run())

    answers = list(pick([first, waiting(2)], a_scene([first])))

    assert verdicts(answers) == [Verdict.WAIT, Verdict.ADMIT]
    assert answers[0].reason.code is ReasonCode.WAITS_FOR_OLD_RUN


def test_a_job_that_restarts_itself_takes_its_room_over_without_a_check():
    gone = a_run(absent_at=NOON, footprint=footprint_of(a_spec(cu_number=16, tm_cus=15)))
    again = replace(waiting(1, cus=16), run=gone, restarts_itself=True)

    answers = list(pick([again, waiting(2)], a_scene([again])))

    assert verdicts(answers) == [Verdict.ADMIT, Verdict.WAIT]


def test_a_place_without_room_holds_back_later_ones_there():
    answers = list(pick([waiting(1, cus=8), waiting(2, cus=2)], a_scene([holding(9)], room=Room(cus=6))))

    assert [answer.reason.code for answer in answers] == [
        ReasonCode.WAITS_FOR_PLACE,
        ReasonCode.WAITS_FOR_PLACE_TURN,
    ]


def test_a_place_that_nobody_serves_here_is_waited_for():
    [answer] = pick([waiting(1)], a_scene(place="elsewhere"))

    assert answer.reason.code is ReasonCode.WAITS_FOR_CONTROLLER


@given(st.lists(st.integers(2, 20), max_size=30), st.lists(st.integers(2, 6), max_size=4))
def test_admission_never_gives_more_than_there_is_and_keeps_the_order(asked, held):
    holders = [holding(100 + number, cus) for number, cus in enumerate(held)]
    answers = list(pick([waiting(n + 1, cus) for n, cus in enumerate(asked)], a_scene(holders, cus=24)))

    given_out = sum(answer.footprint.cus for answer in answers if answer.verdict is Verdict.ADMIT)
    assert sum(held) + given_out <= max(24, sum(held))
    fits = [answer.verdict for answer in answers if answer.verdict is not Verdict.REFUSE]
    assert fits == sorted(fits, key=lambda verdict: verdict is not Verdict.ADMIT), "someone overtook"
