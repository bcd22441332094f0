"""`penstock place`."""

PLACES = "/penstock/v1/places"
HERE = {
    "name": "here",
    "engine": "local",
    "flink_versions": ["1.20"],
    "ready": True,
    "said": "",
    "room": {"cus": 12, "slots": None},
    "facts": {},
    "seen_at": "2025-06-01T12:00:00Z",
}
MAIN = HERE | {
    "name": "main",
    "engine": "session",
    "ready": False,
    "said": "No answer",
    "room": {"cus": None, "slots": 8},
}


def test_places_are_listed_with_their_engines_and_their_room(service, penstock):
    service.answers_to("GET", PLACES, {"places": [HERE, MAIN]})

    outcome = penstock("place", "list")

    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["here", "local", "12", "CUs", "yes"] in lines
    assert ["main", "session", "8", "slots", "no:", "No", "answer"] in lines


def test_a_place_is_released_by_its_name_whatever_letters_it_has(service, penstock):
    service.answers_to("POST", f"{PLACES}/machine%20a/release", None, 204)

    outcome = penstock("place", "release", "machine a")

    assert [(asked.method, asked.path) for asked in service.asked] == [("POST", f"{PLACES}/machine%20a/release")]
    assert (outcome.code, "is free" in outcome.out) == (0, True)
