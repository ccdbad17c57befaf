"""Runs a witness: one address with TLS, one question (C2SP tlog-witness, `add-checkpoint`)."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit.witnessing import MAX_REQUEST_BYTES, Witness
from gateway.bootstrap.witness_folder import WitnessFolder
from gateway.bootstrap.witness_settings import FILE_NAME, WitnessSettings, witness_signer
from gateway.entrypoints.tls_serving import Place, asked_to_stop, listening, tls_server

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def serve_witness(
    folder: Path, settings: WitnessSettings, *, started: Callable[[tuple[str, int], str], None]
) -> None:
    """Serve until a signal asks for its end; `started` is called with the address and the public key.

    Raises SluisError `setting-invalid`, `read-forbidden`.
    """
    signer = witness_signer(folder, settings.name)
    memory = WitnessFolder(folder / "seen")
    memory.prepare()
    witness = Witness(signer=signer, logs=settings.keys(), memory=memory, now=lambda: int(time.time()))
    place = Place(settings=settings.listen, name="listen", file=FILE_NAME, folder=folder)
    with listening(place) as door:
        server, up = tls_server(witness_app(witness), place)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[door]))
            await up.wait()
            stop = asked_to_stop()
            started(door.getsockname()[:2], signer.public().as_text())
            await stop.wait()
            server.should_exit = True
            await serving


def witness_app(witness: Witness) -> Starlette:
    """Give the application."""
    one_at_a_time = asyncio.Lock()

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_REQUEST_BYTES:
                return Response(status_code=413, headers=_HEADERS)
        try:
            async with one_at_a_time:
                answer = await asyncio.to_thread(witness.add_checkpoint, body)
        except OSError:
            # Nothing is cosigned that can not be remembered; the log asks again.
            return Response(status_code=507, headers=_HEADERS)
        return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=_HEADERS)

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
