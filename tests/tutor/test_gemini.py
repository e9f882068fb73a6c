"""The Gemini client against a counterpart that speaks Google's protocol."""

import asyncio
import logging
import subprocess
import sys

import pytest

from pythonmastery_ext.tutor.exchange import (
    Blocked,
    Cut,
    Empty,
    KeyRefused,
    ModelUnknown,
    NoAnswer,
    Piece,
    RateLimited,
    Turn,
    TutorDown,
)
from pythonmastery_ext.tutor.gemini import GeminiClient
from pythonmastery_ext.tutor.wait import Breaker
from tests.counterparts.gemini import ANSWER, Counterpart
from tests.tutor.conftest import Connect

ASKED = (
    Turn(role="user", text="What is a loop?"),
    Turn(role="model", text="A way to repeat."),
    Turn(role="user", text="Show me."),
)
SECRET = "a-key-that-nobody-may-see"


async def read(client: GeminiClient) -> tuple[str, list[Piece], NoAnswer | None]:
    """The text, the pieces, and what is wrong with the end."""
    pieces: list[Piece] = []
    try:
        async for piece in client.stream("Be kind.", ASKED):
            pieces += [piece]
    except NoAnswer as error:
        return "".join(p.text for p in pieces), pieces, error
    return "".join(p.text for p in pieces), pieces, None


async def test_an_answer_comes_in_pieces_and_then_its_tokens(connect: Connect) -> None:
    text, pieces, error = await read(connect("good"))
    assert (text, error) == (ANSWER, None)
    assert len(pieces) > 5
    assert pieces[-1] == Piece(input_tokens=321, output_tokens=140)


async def test_the_conversation_and_the_rules_are_sent_and_no_tools(
    connect: Connect, gemini: Counterpart
) -> None:
    await read(connect("good"))
    (seen,) = gemini.seen
    assert seen.key == gemini.key
    assert [turn["role"] for turn in seen.body["contents"]] == ["user", "model", "user"]
    assert seen.body["contents"][2]["parts"] == [{"text": "Show me."}]
    assert seen.body["systemInstruction"]["parts"] == [{"text": "Be kind."}]
    assert "tools" not in seen.body


async def test_failures_before_the_first_byte_are_tried_again(
    connect: Connect, gemini: Counterpart
) -> None:
    text, _, error = await read(connect("flaky"))
    assert (text, error) == (ANSWER, None)
    assert gemini.hits["flaky"] == 3


async def test_tries_are_bounded(connect: Connect, gemini: Counterpart) -> None:
    _, _, error = await read(connect("error", tries=2))
    assert type(error) is TutorDown
    assert gemini.hits["error"] == 2


async def test_a_short_wait_that_gemini_asks_for_is_kept(
    connect: Connect, gemini: Counterpart
) -> None:
    gemini.retry_after = 0
    _, _, error = await read(connect("rate-limited"))
    assert isinstance(error, RateLimited)
    assert gemini.hits["rate-limited"] == 3


async def test_nobody_waits_for_a_long_one_and_gemini_is_left_alone_meanwhile(
    connect: Connect, gemini: Counterpart
) -> None:
    gemini.retry_after = 40
    client = connect("rate-limited")
    _, _, error = await read(client)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 40
    _, _, error = await read(client)
    assert str(error) == str(RateLimited(1))
    assert gemini.hits["rate-limited"] == 1
    assert client.breaker.why == str(error)


async def test_a_refused_key_is_not_tried_again(connect: Connect, gemini: Counterpart) -> None:
    _, _, error = await read(connect("good", key=SECRET))
    assert isinstance(error, KeyRefused)
    assert gemini.hits["good"] == 1


async def test_a_key_that_no_header_can_hold_is_a_refused_key(connect: Connect) -> None:
    _, _, error = await read(connect("good", key="a…b"))
    assert isinstance(error, KeyRefused)


async def test_white_space_around_the_key_does_no_harm(
    connect: Connect, gemini: Counterpart
) -> None:
    text, _, _ = await read(connect("good", key=f" {gemini.key}\n"))
    assert text == ANSWER


async def test_an_unknown_model_is_told_apart(connect: Connect, gemini: Counterpart) -> None:
    _, _, error = await read(connect("no-such-model"))
    assert isinstance(error, ModelUnknown)
    assert gemini.hits["no-such-model"] == 1


async def test_silence_before_the_answer_ends_at_its_limit(connect: Connect) -> None:
    _, _, error = await read(connect("hang", first_byte_seconds=0.2, tries=1))
    assert type(error) is TutorDown


async def test_silence_within_the_answer_ends_at_the_deadline(connect: Connect) -> None:
    client = connect("stall", deadline_seconds=1.0)
    await client.connect()
    text, _, error = await read(client)
    assert isinstance(error, Cut)
    assert text
    assert ANSWER.startswith(text)


@pytest.mark.parametrize("model", ["cut", "broken-json", "too-long"])
async def test_an_answer_that_breaks_off_keeps_what_came_and_is_not_tried_again(
    connect: Connect, gemini: Counterpart, model: str
) -> None:
    text, _, error = await read(connect(model))
    assert isinstance(error, Cut)
    assert text
    assert ANSWER.startswith(text)
    assert gemini.hits[model] == 1


async def test_a_blocked_question_says_so(connect: Connect) -> None:
    text, pieces, error = await read(connect("blocked"))
    assert isinstance(error, Blocked)
    assert text == ""
    assert pieces[-1].input_tokens == 321


async def test_an_answer_blocked_midway_keeps_what_came(connect: Connect) -> None:
    text, pieces, error = await read(connect("blocked-midway"))
    assert isinstance(error, Blocked)
    assert error.reason == "SAFETY"
    assert ANSWER.startswith(text)
    assert pieces[-1].output_tokens == 12


async def test_an_empty_answer_is_told_apart(connect: Connect) -> None:
    text, _, error = await read(connect("empty"))
    assert isinstance(error, Empty)
    assert text == ""


async def test_a_server_that_is_not_there_is_a_tutor_that_is_down() -> None:
    client = GeminiClient(SECRET, "good", "http://127.0.0.1:9", backoff=0.01)
    _, _, error = await read(client)
    await client.close()
    assert type(error) is TutorDown


async def test_leaving_an_answer_closes_its_connection(
    connect: Connect, gemini: Counterpart
) -> None:
    stream = connect("stall").stream("", ASKED)
    await anext(stream)
    await stream.aclose()
    for _ in range(200):
        if gemini.abandoned:
            break
        await asyncio.sleep(0.01)
    assert gemini.abandoned == 1


async def test_failures_in_a_row_open_the_breaker_and_an_answer_closes_it(
    connect: Connect, gemini: Counterpart
) -> None:
    now = [100.0]
    breaker = Breaker(failures=2, seconds=30, clock=lambda: now[0])
    client = connect("error", tries=1, breaker=breaker)
    for _ in range(2):
        await read(client)
    assert breaker.rest() == 30
    await read(client)
    assert gemini.hits["error"] == 2
    now[0] += 31
    client.model = "good"
    text, _, _ = await read(client)
    assert text == ANSWER
    assert breaker.rest() == 0
    assert breaker.why is None


@pytest.mark.parametrize("model", ["good", "error", "rate-limited", "cut", "blocked"])
async def test_the_key_is_in_no_log_and_no_error(
    connect: Connect, gemini: Counterpart, caplog: pytest.LogCaptureFixture, model: str
) -> None:
    caplog.set_level(logging.DEBUG)
    gemini.key, gemini.retry_after = SECRET, 0
    client = connect(model, key=SECRET)
    _, pieces, error = await read(client)
    assert SECRET not in caplog.text
    assert SECRET not in f"{error!r} {error} {client!r} {pieces!r} {client.breaker.why}"


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, pythonmastery_ext.tutor.routes\n"
        "sys.exit(any(n == 'google.genai' or n.startswith('google.genai.') for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
