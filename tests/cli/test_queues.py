"""`penstock queue` makes queues that jar jobs can use."""

QUEUES = "/v1.0/p1/queues"


def test_a_new_queue_is_general_and_dedicated(service, penstock):
    service.answers_to("POST", QUEUES, {"is_success": True, "message": "", "queue_name": "testqueue"})

    outcome = penstock("queue", "create", "testQueue")

    [asked] = service.posted(QUEUES)
    assert (asked["queue_type"], asked["resource_mode"], asked["cu_count"]) == ("general", 1, 16)
    assert outcome.out == "Queue testqueue is created, with 16 CUs.\n"


def test_a_queue_can_name_its_place(service, penstock):
    service.answers_to("POST", QUEUES, {"is_success": True, "message": "", "queue_name": "q"})

    penstock("queue", "create", "q", "--cus", "64", "--place", "there", "--json")

    [asked] = service.posted(QUEUES)
    assert (asked["place"], asked["cu_count"]) == ("there", 64)


def test_queues_of_every_type_are_listed(service, penstock):
    queue = {"queue_name": "q", "queue_type": "general", "resource_mode": 1, "used_cu": 2, "cu_count": 16}
    service.answers_to("GET", QUEUES, {"queues": [queue]})

    outcome = penstock("queue", "list")

    assert service.asked[0].query == {"queue_type": "all"}
    assert "2 of 16" in outcome.out


def test_a_queue_is_shown_with_one_spelling_of_each_field(service, penstock):
    queue = {"is_success": True, "message": "", "queueName": "q", "queue_name": "q", "cuCount": 16, "cu_count": 16}
    service.answers_to("GET", f"{QUEUES}/q", queue)

    outcome = penstock("queue", "show", "q")

    assert [line.split() for line in outcome.out.splitlines()] == [["queue_name", "q"], ["cu_count", "16"]]


def test_a_queue_is_deleted(service, penstock):
    service.answers_to("DELETE", f"{QUEUES}/q", {"is_success": True, "message": ""})

    assert penstock("queue", "delete", "q").out == "Queue q is deleted.\n"
