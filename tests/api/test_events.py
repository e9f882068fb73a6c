"""The event stream: what happens, as it happens, with nothing skipped."""

from asyncio import gather

from tests.api.client import Api, take
from tests.api.course import RIGHT, WRONG


async def test_an_attempt_is_told_when_it_is_sent_and_when_it_is_graded(api: Api):
    async with api.events() as events:
        hello = await take(events, "hello")
        assert (hello.data["last"], hello.id) == (0, None)
        _, attempt = await api.send("double", RIGHT)
        sent = await take(events, "attempt.submitted")
        progress = await take(events, "progress.changed")
        graded = await take(events, "attempt.graded")
    assert sent.data["id"] == graded.data["id"] == attempt["id"]
    assert graded.data["status"] == "passed"
    assert progress.data["solved"] == 1
    assert sent.id < graded.id
    # Part of the event after it: whoever resumes before that one is told both.
    assert progress.id is None


async def test_a_stream_resumes_after_the_last_event_that_was_seen(api: Api):
    await api.submit("double", WRONG)
    await api("POST", "problems/double/hints/1")
    async with api.events(last=0) as events:
        first = [await anext(events) for _ in range(5)]
    assert [event.name for event in first] == [
        "hello",
        "attempt.submitted",
        "progress.changed",
        "attempt.graded",
        "hint.opened",
    ]
    async with api.events(last=first[1].id) as events:
        again = [await anext(events) for _ in range(4)]
    assert [event.id for event in again] == [None, None, first[3].id, first[4].id]
    assert [event.name for event in again[1:]] == [event.name for event in first[2:]]


async def test_without_a_number_only_new_events_come(api: Api):
    await api.submit("double", WRONG)
    async with api.events() as events:
        hello = await take(events, "hello")
        await api("POST", "problems/double/hints/1")
        event = await anext(events)
    assert event.name == "hint.opened"
    assert event.id > hello.data["last"] > 0


async def test_a_number_from_a_database_that_was_made_anew_does_not_silence_the_stream(api: Api):
    await api.submit("double", WRONG)
    async with api.events(last=10**15) as events:
        await take(events, "hello")
        await api("POST", "problems/double/hints/1")
        assert (await take(events, "hint.opened")).data["hints_used"] == 1


async def test_every_window_gets_every_event_in_order(api: Api):
    async with api.events() as one, api.events() as other:
        await gather(take(one, "hello"), take(other, "hello"))
        for n in range(4):
            await api.send("double", RIGHT + f"# {n}\n", kind="check")
            both = await gather(take(one, "attempt.graded"), take(other, "attempt.graded"))
            assert both[0] == both[1]


async def test_a_wrong_number_is_refused(api: Api):
    for wrong in ("x", "-1", "1" * 30):
        status, answer = await api("GET", "events", params={"last_event_id": wrong})
        assert (status, answer["error"]["code"]) == (422, "invalid_fields")


async def test_a_learner_may_open_twenty_streams_and_they_are_freed_when_they_close(api: Api):
    streams = [api.events() for _ in range(20)]
    opened = await gather(*(stream.__aenter__() for stream in streams))
    await gather(*(take(events, "hello") for events in opened))
    status, answer = await api("GET", "events")
    assert (status, answer["error"]["code"]) == (429, "too_many_streams")
    for stream in streams:
        await stream.__aexit__(None, None, None)
    while (await api.http.head("events")).status_code == 429:
        continue
    async with api.events() as events:
        await take(events, "hello")


async def test_two_learners_do_not_hear_each_other(two: tuple[Api, Api]):
    one, other = two
    async with other.events(last=0) as events:
        await take(events, "hello")
        await one.submit("double", RIGHT)
        _, own = await other.send("double", WRONG, kind="check")
        first = await anext(events)
    assert (first.name, first.data["id"]) == ("attempt.submitted", own["id"])
