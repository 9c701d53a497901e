"""What one request and one connection may take: bytes, seconds; on the server that the processes run, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, StreamingResponse

from services._runtime.hosting.serving import HEAD_BYTES, server_of
from services._runtime.observing.observer import Observer
from services._runtime.settings import RuntimeSettings
from services._runtime.web.limits import BodyLimit, TimeLimit
from services._runtime.web.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SOON_S = 0.3
SETTINGS = {
    "database": "postgresql://me@127.0.0.1/none",
    "answers_database": "postgresql://me@127.0.0.1/none",
    "access_database": "postgresql://me@127.0.0.1/none",
    "keys_database": "postgresql://me@127.0.0.1/none",
    "kafka": "127.0.0.1:1",
    "kek_file": "none",
    "issuer": "https://issuer.example",
    "port": 0,
}


def _application() -> FastAPI:
    app = FastAPI()

    @app.post("/echo")
    async def echo() -> PlainTextResponse:
        return PlainTextResponse("done")

    @app.get("/slow")
    async def slow() -> PlainTextResponse:
        await asyncio.sleep(60)
        return PlainTextResponse("never")

    @app.get("/long")
    async def long() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"part"
                await asyncio.sleep(SOON_S / 2)

        return StreamingResponse(parts())

    @app.get("/scheme")
    async def scheme() -> PlainTextResponse:
        return PlainTextResponse("here")

    app.add_middleware(TimeLimit, within_s=SOON_S)
    app.add_middleware(BodyLimit, max_bytes=100, within_s=SOON_S)
    app.add_middleware(Tracing, observer=Observer())
    return app


@asynccontextmanager
async def _serving(*, proxies: str = "") -> AsyncIterator[int]:
    server = server_of(_application(), RuntimeSettings.model_validate(SETTINGS | {"proxies": proxies}), head_s=SOON_S)
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it by nothing else
            await asyncio.sleep(0.01)
        yield cast("int", listener.getsockname()[1])
        server.should_exit = True
        await asyncio.wait_for(running, 10)


async def _said(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Say the pieces, and return all that is answered until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause_s)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_who_says_nothing_or_drips_headers_is_let_go() -> None:
    """A thousand such connections would be all that there are."""
    async with _serving() as port:
        assert await _said(port) == b""
        assert await _said(port, b"GET /scheme HTTP/1.1\r\n", b"a: b\r\n", pause_s=SOON_S / 3) == b""


@pytest.mark.parametrize("head", [b"x: " + b"y" * (HEAD_BYTES + 1), b"GET /" + b"y" * (HEAD_BYTES + 1)])
async def test_headers_without_an_end_are_cut_off(head: bytes) -> None:
    """Whether they are many or one, and whether they ever end."""
    async with _serving() as port:
        begun = head if head.startswith(b"GET") else b"GET /scheme HTTP/1.1\r\n" + head
        assert (await _said(port, begun)).startswith(b"HTTP/1.1 400")


async def test_a_body_that_drips_is_answered_408() -> None:
    """It keeps no worker and no connection."""
    async with _serving() as port:
        answer = await _said(port, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n", b"a")
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"urn:ancora:problem:body-too-slow" in answer


async def test_an_answer_that_does_not_begin_is_503_and_one_that_has_begun_goes_on() -> None:
    """Streams last as long as their readers."""
    async with _serving() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        late, long = await client.get("/slow"), await client.get("/long")
        assert (late.status_code, late.headers["retry-after"], late.json()["type"]) == (503, "1", "urn:ancora:problem:unavailable")
        assert (long.status_code, long.text) == (200, "part" * 4)


async def test_a_body_in_many_pieces_within_the_limits_arrives() -> None:
    async with _serving() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(2):
            assert (await client.post("/echo", content=b"a" * 100)).text == "done"
        assert (await client.post("/echo", content=b"a" * 101)).status_code == 413


async def test_only_a_proxy_that_is_named_is_believed_and_then_browsers_are_told_to_come_by_tls_only() -> None:
    """Anybody may send the header; without a named proxy it means nothing."""
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.9"}
    for proxies, expected in (("", None), ("10.0.0.1", None), ("127.0.0.1", "max-age=31536000; includeSubDomains")):
        async with _serving(proxies=proxies) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/scheme", headers=told)).headers.get("strict-transport-security") == expected
