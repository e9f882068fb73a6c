"""Reading the stream of an answer: its text, its tokens and its end."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

from pythonmastery_ext.tutor.exchange import Blocked, Cut, Empty, Piece

if TYPE_CHECKING:
    from google.genai import types

    Chunk = types.GenerateContentResponse
    Answer = AsyncGenerator[Chunk, None]

log = logging.getLogger(__name__)

BLOCKED = {"PROMPT_BLOCKED", "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}
Problems = tuple[type[Exception], ...]


async def read(
    answer: "Answer", first: "Chunk | None", left: Callable[[], float], problems: Problems
) -> AsyncGenerator[Piece, None]:
    """The text of the chunks, then the tokens, then what is wrong with the end if anything is.

    `left` tells the seconds that are left; `problems` are the errors of the SDK and its transport.
    """
    chunk, tokens, shown = first, Piece(), False
    end: str | None = None
    try:
        while chunk is not None:
            if text := _text(chunk):
                shown = True
                yield Piece(text=text)
            tokens = _tokens(chunk) or tokens
            end = _end(chunk) or end
            chunk = await _next(answer, left(), problems)
    except Cut:
        end = None
    finally:
        await answer.aclose()
    yield tokens
    if end in BLOCKED:
        raise Blocked(end)
    if end is None or (shown and end != "STOP"):
        raise Cut
    if not shown:
        raise Empty


async def _next(answer: "Answer", left: float, problems: Problems) -> "Chunk | None":
    try:
        async with asyncio.timeout(max(0.0, left)):
            return await anext(answer, None)
    except problems as error:
        log.warning("Gemini's answer broke off: %s", type(error).__name__)
        raise Cut from None


def _text(chunk: "Chunk") -> str:
    """Without the model's thoughts, which are not for the learner."""
    content = chunk.candidates[0].content if chunk.candidates else None
    parts = (content.parts if content else None) or []
    return "".join(part.text for part in parts if part.text and not part.thought)


def _tokens(chunk: "Chunk") -> Piece | None:
    told = chunk.usage_metadata
    if told is None:
        return None
    output = (told.candidates_token_count or 0) + (told.thoughts_token_count or 0)
    return Piece(input_tokens=told.prompt_token_count, output_tokens=output)


def _end(chunk: "Chunk") -> str | None:
    """`STOP`, `PROMPT_BLOCKED`, or another reason by its name; None in the middle."""
    if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
        return "PROMPT_BLOCKED"
    reason = chunk.candidates[0].finish_reason if chunk.candidates else None
    return None if reason is None else reason.name
