"""An uploaded file on its way to storage: written in steps, counted, hashed, and gone again if anything goes wrong."""

import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.multipart import FileForm, boundary_of
from api.problems import unavailable
from pim_pipelines.files import FileStore
from pim_pipelines.incoming import Sink, too_large

STEP_BYTES = 1 << 20
FORM_BYTES = 1 << 20
"""What a form may have beside the file."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A form that has come whole; its file is at `path` until it is stored."""

    path: Path
    fields: dict[str, str]
    file_name: str | None
    size: int
    sha256: bytes


@asynccontextmanager
async def receive(
    request: Request, files: FileStore, *, folder: str, key: str, max_bytes: int
) -> AsyncIterator[Incoming]:
    """Give the form of a request; its file is stored under `key` when the block ends well.

    A block that raises, a form that is wrong and a connection that breaks leave nothing in `folder`.
    Raises Problem, FileTooLarge, and ClientDisconnect.
    """
    boundary = boundary_of(request.headers.get("content-type", ""))
    if declared_length(request) > max_bytes + FORM_BYTES:
        raise too_large(max_bytes)
    async with _storing(files, key, folder=folder) as path:
        file = await run_in_threadpool(path.open, "wb")
        with file:
            sink = Sink(file, max_bytes)
            form = await _read(request, boundary, sink, max_bytes)
            digest = await run_in_threadpool(sink.close)
        yield Incoming(path, form.fields, form.file_name, sink.size, digest)


async def receive_bytes(request: Request, files: FileStore, *, key: str, max_bytes: int) -> tuple[int, bytes]:
    """Store the body of a request under `key`; returns its size and its SHA-256.

    A body that is larger and a connection that breaks leave what was there. Raises Problem, FileTooLarge, and
    ClientDisconnect.
    """
    if declared_length(request) > max_bytes:
        raise too_large(max_bytes)
    async with _storing(files, key) as path:
        file = await run_in_threadpool(path.open, "wb")
        with file:
            sink, pending = Sink(file, max_bytes), bytearray()
            async for chunk in request.stream():
                pending += chunk
                if len(pending) >= STEP_BYTES:
                    await run_in_threadpool(sink.write, bytes(pending))
                    pending.clear()
            await run_in_threadpool(sink.write, bytes(pending))
            digest = await run_in_threadpool(sink.close)
    return sink.size, digest


def declared_length(request: Request) -> int:
    """Return how long a request says that its body is; 0 where it says nothing."""
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


@asynccontextmanager
async def _storing(files: FileStore, key: str, *, folder: str | None = None) -> AsyncIterator[Path]:
    """Give a path; its file is stored under `key` when the block ends well, else all that is in `folder` goes too."""
    stack = ExitStack()
    try:
        path = await run_in_threadpool(stack.enter_context, files.create(key))
        yield path
        await run_in_threadpool(stack.close)
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(_abandon, stack, files, folder, error)
        if isinstance(error, OSError):
            log.exception("the file store cannot be written")
            raise unavailable("The file cannot be stored: try again later.", "STORAGE_UNAVAILABLE") from error
        raise


async def _read(request: Request, boundary: bytes, sink: Sink, max_bytes: int) -> FileForm:
    form = FileForm(boundary)
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > max_bytes + FORM_BYTES:
            raise too_large(max_bytes)
        form.feed(chunk)
        if form.pending >= STEP_BYTES:
            await run_in_threadpool(sink.write, form.take())
    await run_in_threadpool(sink.write, form.take())
    form.finish()
    return form


def _abandon(stack: ExitStack, files: FileStore, folder: str | None, error: BaseException) -> None:
    try:
        stack.__exit__(type(error), error, error.__traceback__)
    except BaseException as raised:
        if raised is not error:
            log.warning("the rest of a broken upload could not be removed: %s", raised)
    if folder is None:
        return
    try:
        files.delete(folder)
    except OSError as raised:
        log.warning("the rest of a broken upload could not be removed: %s", raised)
