"""The API's client when the way to the API is bad."""

import threading
from uuid import uuid4

import pytest

from pythonmastery_ext.kernelside.client import Api, Patience
from pythonmastery_ext.kernelside.errors import (
    OddAnswer,
    Refused,
    ServerAway,
    StillWaiting,
    Unavailable,
)
from pythonmastery_ext.kernelside.servers import Address, api_url
from pythonmastery_ext.kernelside.stream import Stop, follow
from tests.counterparts.api import TOKEN, Reply
from tests.kernel import bodies

ATTEMPTS = ("POST", "problems/double/attempts")
MESSAGES = ("POST", "tutor/messages")


@pytest.fixture
def api(faulty):
    api = Api(
        Address(url=api_url(faulty.url), token=TOKEN),
        Patience(response=5, again=5, verdict=0.3, silence=5),
    )
    yield api
    api.close()


def stream(*chunks, **how):
    return Reply(headers={"Content-Type": "text/event-stream"}, chunks=chunks, **how)


def test_the_token_goes_in_the_header_only(api, faulty):
    faulty.on("GET", "problems/double", Reply(body=bodies.problem()))
    assert api.problem("double").title == "Twice as much"
    assert faulty.seen[0].authorization == f"token {TOKEN}"
    assert TOKEN not in repr(Address(url="http://x/", token=TOKEN))


def test_a_submission_is_repeated_with_its_key_until_it_is_taken(api, faulty):
    away = bodies.refusal(503, "The service is still starting.", retry_after=0)
    taken = Reply(202, bodies.attempt())
    faulty.on(*ATTEMPTS, away, Reply(drop=True), away, taken)
    key = uuid4()
    assert api.send("double", "submit", "x = 1", key).status == "passed"
    assert [body["key"] for body in faulty.bodies(*ATTEMPTS)] == [str(key)] * 4


def test_a_service_that_stays_away_is_told_in_its_own_words(api, faulty):
    faulty.on(*ATTEMPTS, bodies.refusal(503, "The database cannot be reached.", retry_after=60))
    with pytest.raises(Unavailable, match=r"The database cannot be reached\."):
        api.send("double", "submit", "x = 1", uuid4())
    assert len(faulty.seen) == 1


def test_a_retry_after_that_is_a_date_is_no_accident(api, faulty):
    date = {"Retry-After": "Mon, 05 Jan 2026 12:00:00 GMT"}
    faulty.on("GET", "problems/double", Reply(503, headers=date), Reply(body=bodies.problem()))
    assert api.problem("double").slug == "double"


def test_a_verdict_that_does_not_come_is_not_awaited_for_ever(api, faulty):
    waiting = bodies.attempt(status="waiting", queue_position=2, graded_at=None)
    faulty.on(*ATTEMPTS, Reply(202, waiting))
    faulty.on("GET", f"attempts/{waiting['id']}", Reply(body=waiting))
    seen = []
    with pytest.raises(StillWaiting, match="%pythonmastery result"):
        api.graded(api.send("double", "submit", "x = 1", uuid4()), seen.append)
    assert {attempt.queue_position for attempt in seen} == {2}


def test_half_a_surrogate_pair_reaches_the_server(api, faulty):
    faulty.on(*ATTEMPTS, bodies.refusal(422, "The code holds a character that it cannot have."))
    with pytest.raises(Refused, match="a character that it cannot have"):
        api.send("double", "submit", "x = '\ud800'", uuid4())
    assert faulty.bodies(*ATTEMPTS)[0]["code"] == "x = '\ud800'"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "set PYTHONMASTERY_TOKEN"),
        (302, "set PYTHONMASTERY_TOKEN"),
        (404, "has no PythonMastery"),
        (502, "status 502"),
    ],
)
def test_what_is_not_our_api_gets_a_sentence_of_ours(api, faulty, status, sentence):
    faulty.on("GET", "problems", Reply(status, "<html>", {"Location": "/login"}))
    with pytest.raises(Refused, match=sentence):
        api.course()


def test_an_answer_of_another_version_is_told_apart(api, faulty):
    faulty.on("GET", "problems", Reply(body={"courses": []}))
    with pytest.raises(OddAnswer, match="Install the same version"):
        api.course()


def test_a_server_that_is_gone_is_said_to_be_gone(api, faulty):
    faulty.on("GET", "problems", Reply(drop=True))
    with pytest.raises(ServerAway, match="does not answer"):
        api.course()


def test_a_slug_cannot_reach_another_address(api, faulty):
    with pytest.raises(Refused):
        api.problem("../attempts?x=#")
    assert faulty.seen[0].path == "problems/..%2Fattempts%3Fx%3D%23"


def test_an_answer_grows_and_ends(api, faulty):
    start = bodies.message()
    done = {**start, "ai_response": "One\u2028two", "state": "complete"}
    parts = bodies.event("start", start) + ": beat\n\n"
    parts += bodies.event("delta", {"text": "One\u2028"}) + bodies.event("delta", {"text": "two"})
    faulty.on(*MESSAGES, stream(parts[:40], parts[40:], bodies.event("done", done)))
    grown = []
    response = api.ask("double", "question", "Why?", None)
    answer = follow(response, lambda message: grown.append(message.ai_response), Stop())
    assert grown == ["", "One\u2028", "One\u2028two", "One\u2028two"]
    assert answer.state == "complete"


def test_an_answer_that_breaks_off_is_kept_and_called_cut(api, faulty):
    begun = bodies.event("start", bodies.message()) + bodies.event("delta", {"text": "One"})
    faulty.on(*MESSAGES, stream(begun + "event: del"))
    answer = follow(api.ask("double", "question", "Why?", None), lambda _: None, Stop())
    assert (answer.ai_response, answer.state) == ("One", "cut")


def test_a_refused_question_is_the_servers_sentence(api, faulty):
    faulty.on(*MESSAGES, bodies.refusal(429, "You have reached today's number of questions."))
    with pytest.raises(Refused, match="today's number of questions"):
        api.ask("double", "question", "Why?", None)


def test_stopping_leaves_the_server_though_nothing_arrives(api, faulty):
    faulty.on(*MESSAGES, stream(bodies.event("start", bodies.message()), hang=True))
    stop = Stop()
    begun = threading.Event()
    presser = threading.Thread(target=lambda: (begun.wait(10), stop.press()))
    presser.start()
    answer = follow(api.ask("double", "question", "Why?", None), lambda _: begun.set(), stop)
    presser.join()
    assert answer.state == "cut"
    assert faulty.left.wait(10)
