"""The grader kernel, asked in Jupyter's own messages."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from grader.protocol import MIME, GradeRequest, Limits, to_json, verdict_from_json
from grader.requests import QUIET
from tests.grader.conftest import as_tests
from tests.grader.talk import Talk, checked, kernel, kinds

ADD = "def add(a, b):\n    return a + b\n"


LONG = Limits(cpu_seconds=60, wall_seconds=60)


def request(code: str = ADD, limits: Limits = Limits()) -> str:  # noqa: B008 - it is frozen
    tests = as_tests("assert add(1, 2) == 3")
    return to_json(GradeRequest(id="r", code=code, tests=tests, limits=limits))


@pytest.fixture(scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talk]:
    async with kernel(tmp_path_factory.mktemp("kernel"), "probe", "own") as running:
        yield running


async def test_a_request_is_answered_between_busy_and_idle(talk: Talk) -> None:
    reply, published = await talk.run(request())

    assert kinds(published) == ["status", "execute_input", "display_data", "status"]
    states = [m["content"].get("execution_state") for m in published]
    assert (states[0], states[-1]) == ("busy", "idle")
    data = published[2]["content"]["data"]
    assert verdict_from_json(json.dumps(data[MIME])).status == "passed"
    assert data["text/plain"] == "passed: 1 of 1 points"
    assert reply["content"]["status"] == "ok"
    assert (reply["content"]["payload"], reply["content"]["user_expressions"]) == ([], {})


async def test_the_execution_count_goes_up_with_what_is_not_silent(talk: Talk) -> None:
    first, _ = await talk.run(request())
    silent, published = await talk.run(request(), silent=True)
    second, _ = await talk.run(request())

    assert kinds(published) == ["status", "status"]
    assert silent["content"]["execution_count"] == first["content"]["execution_count"]
    assert second["content"]["execution_count"] == first["content"]["execution_count"] + 1


@pytest.mark.parametrize(
    "code", ["2 + 2", "{}", '{"id": 1}', "[]", r'{"id": "r", "code": "\ud800"}']
)
async def test_what_is_no_request_is_refused_as_an_error(talk: Talk, code: str) -> None:
    reply, published = await talk.run(code)

    assert kinds(published) == ["status", "execute_input", "error", "status"]
    assert reply["content"]["status"] == "error"
    told = published[2]["content"]
    for name in ("ename", "evalue", "traceback"):
        assert reply["content"][name] == told[name]
    assert told["ename"] == "ProtocolError"


async def test_nothing_is_a_request_too(talk: Talk) -> None:
    reply, published = await talk.run("  \n")
    assert reply["content"]["status"] == "ok"
    assert kinds(published) == ["status", "execute_input", "status"]


async def test_it_introduces_itself_and_says_what_is_a_whole_request(talk: Talk) -> None:
    info = await talk.reply(talk.client.kernel_info())
    assert info["content"]["implementation"] == "pythonmastery-grader"
    assert info["content"]["language_info"]["mimetype"] == "application/json"
    assert info["content"]["supported_features"] == []
    deep = "[" * 200_000
    wrong = (("{", "invalid"), (deep, "invalid"))
    for code, status in ((request(), "complete"), ("", "complete"), *wrong):
        answer = await talk.reply(talk.client.is_complete(code))
        assert answer["content"]["status"] == status


async def test_code_that_is_no_text_is_refused_in_words(talk: Talk) -> None:
    sent = talk.client.session.msg("execute_request", {"code": 5, "silent": False})
    talk.client.shell_channel.send(sent)

    answer = (await talk.reply(sent["header"]["msg_id"]))["content"]

    assert (answer["status"], answer["evalue"]) == ("error", "The code is no text.")


async def test_whoever_opens_a_line_for_widgets_is_told_that_nobody_is_there(talk: Talk) -> None:
    sent = talk.client.session.msg("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    talk.client.shell_channel.send(sent)
    talk.client.shell_channel.send(talk.client.session.msg("comm_msg", {"comm_id": "c"}))

    published = await talk.published(sent["header"]["msg_id"])

    assert kinds(published) == ["status", "comm_close", "status"]
    assert published[1]["content"]["comm_id"] == "c"


async def test_whoever_looks_for_a_debugger_is_told_that_there_is_none(talk: Talk) -> None:
    asked = {"type": "request", "seq": 3, "command": "initialize", "arguments": {}}

    answer = (await talk.control("debug_request", asked))["content"]

    assert (answer["request_seq"], answer["success"]) == (3, False)
    assert answer["message"] == "This kernel has no debugger."


async def test_what_editors_ask_besides_is_answered(talk: Talk) -> None:
    client = talk.client
    asked = (client.complete("ad"), client.inspect("add"), client.history(), client.comm_info())
    answers = [(await talk.reply(sent))["content"] for sent in asked]
    assert [answer["status"] for answer in answers] == ["ok"] * 4


async def test_its_isolation_level_can_be_asked_for(talk: Talk) -> None:
    reply, _ = await talk.run("", silent=True, user_expressions={"l": "level", "x": "1 + 1"})
    told = reply["content"]["user_expressions"]
    assert told["l"]["data"]["text/plain"] in ("full", "degraded", "own")
    assert told["x"]["status"] == "error"


async def test_questions_in_no_form_are_left_out(talk: Talk) -> None:
    content = {"code": request(), "silent": False, "user_expressions": "level"}
    sent = talk.client.session.msg("execute_request", content)
    talk.client.shell_channel.send(sent)

    reply, _ = await talk.done(sent["header"]["msg_id"])

    assert reply["content"]["user_expressions"] == {}


async def test_its_heart_beats_while_it_grades(talk: Talk) -> None:
    talk.client.hb_channel.unpause()
    await talk.run(request("import time\ntime.sleep(1.5)\n" + ADD))
    assert await talk.client.is_alive()
    assert talk.client.hb_channel.is_beating()


@pytest.mark.parametrize("way", ["message", "signal"])
async def test_an_interrupt_ends_the_submission_and_nothing_else(talk: Talk, way: str) -> None:
    answered = asyncio.create_task(talk.run(request("while True: pass", LONG)))
    # Again and again: one that comes before the submission has begun interrupts nothing.
    while not answered.done():
        await asyncio.wait([answered], timeout=0.3)
        if way == "message":
            assert (await talk.control("interrupt_request"))["content"]["status"] == "ok"
        else:
            os.kill(talk.manager.provisioner.pid, signal.SIGINT)
    _, published = await answered

    shown = next(m for m in published if m["msg_type"] == "display_data")["content"]["data"][MIME]
    assert (shown["status"], shown["message"]) == ("error", "The grading was interrupted.")
    _, after = await talk.run(request())
    assert after[2]["content"]["data"][MIME]["status"] == "passed"


async def test_an_interrupt_when_nothing_runs_does_nothing(talk: Talk) -> None:
    await talk.control("interrupt_request")
    os.kill(talk.manager.provisioner.pid, signal.SIGINT)
    _, published = await talk.run(request())
    assert published[2]["content"]["data"][MIME]["status"] == "passed"


async def test_messages_without_a_signature_are_not_answered(talk: Talk) -> None:
    stranger = talk.manager.client(session=type(talk.client.session)(key=b"guessed"))
    stranger.start_channels()
    try:
        stranger.execute(request())
        _, published = await talk.run(request())
        assert len([m for m in published if m["msg_type"] == "display_data"]) == 1
        assert not await stranger.shell_channel.msg_ready()
    finally:
        stranger.stop_channels()


async def test_a_restarted_kernel_grades(talk: Talk) -> None:
    await talk.run(request())
    before = talk.manager.provisioner.pid
    await talk.manager.restart_kernel()
    await talk.client.wait_for_ready(timeout=60)

    reply, published = await talk.run(request())

    assert talk.manager.provisioner.pid != before
    assert reply["content"]["execution_count"] == 1
    assert published[2]["content"]["data"][MIME]["status"] == "passed"


@pytest.mark.parametrize("restart", [False, True])
async def test_a_shutdown_request_is_answered_and_leaves_no_process(
    tmp_path: Path, restart: bool
) -> None:
    async with kernel(tmp_path, "probe", "own") as talk:
        sent = talk.client.execute(request("while True: pass", LONG))
        await asyncio.sleep(1)
        family = _family(talk.manager.provisioner.pid)
        answer = await talk.control("shutdown_request", {"restart": restart})
        await talk.ended()

    assert answer["content"] == {"status": "ok", "restart": restart}
    assert sent
    assert len(family) >= 2
    await asyncio.to_thread(_wait_until_gone, family)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def _wait_until_gone(family: list[int]) -> None:
    deadline = time.monotonic() + 15
    while any(map(_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, family))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_checker_of_messages_sees_what_is_missing() -> None:
    header = dict.fromkeys(("msg_id", "session", "username", "date", "msg_type", "version"), "x")
    with pytest.raises(KeyError):
        checked({"header": header, "msg_type": "stream", "content": {"name": "stdout"}})


async def test_who_does_not_listen_is_told_nothing_but_the_reply(talk: Talk) -> None:
    await talk.run(request())
    asked = {"code": request(), "silent": True, "user_expressions": {"v": "verdict"}}
    sent = []
    for metadata in ({QUIET: True}, {}):
        message = talk.client.session.msg("execute_request", asked, metadata=metadata)
        talk.client.shell_channel.send(message)
        reply = await talk.reply(message["msg_id"])
        assert "data" in reply["content"]["user_expressions"]["v"]
        sent.append(message["msg_id"])

    first = await talk.client.get_iopub_msg(timeout=60)

    assert first["parent_header"]["msg_id"] == sent[1]
