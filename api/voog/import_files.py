"""Import files: how a client that has a file and no server for it makes a `file_url`.

It says what it will send, PUTs the bytes to `upload_url`, and confirms; `public_url` is a `file_url` then.
"""

import re
from collections.abc import Iterator
from typing import IO, Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from psycopg import Connection
from pydantic import BaseModel, Field, field_validator, model_validator
from starlette.concurrency import run_in_threadpool

from api.incoming import receive_bytes
from api.services import ApiServices, Services
from api.texts import Text
from api.voog import auth, file_addresses
from api.voog.auth import TasksReader, TasksWriter
from api.voog.errors import VoogProblem, errors, invalid, not_found
from api.voog.times import Milliseconds
from pim_pipelines.errors import FileTooLarge
from pim_pipelines.file_names import attachment, displayable
from pim_pipelines.store import import_files
from pim_pipelines.store.import_files import ImportFile
from pim_pipelines.store.keys import ApiKey

router = APIRouter(tags=["import files"])

FILES = f"{auth.PREFIX}/import_files"
ANY_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(\s*;[\x20-\x7e]{0,100})?", re.ASCII)
_BLOCK_BYTES = 1 << 18

NOT_SIGNED = "The address is not signed, or has expired: send the file anew (POST /admin/api/import_files)."
CONFIRMED = "The file was confirmed and is not changed any more: make another (POST /admin/api/import_files)."
NOT_SENT = "Nothing was sent yet: PUT the file's bytes to upload_url first."


class FileToSend(BaseModel):
    """What a client says of a file before it sends it."""

    filename: Text = Field(min_length=1, examples=["products.xlsx"])
    size: int = Field(ge=1, description="In bytes; at most 10 MiB, unless the system's settings say otherwise.")
    content_type: str = Field(ANY_TYPE, description="Of the file.", examples=["text/csv"])

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, body: Any) -> Any:
        """Take `{"import_file": {…}}` too, as some clients send everything."""
        return body["import_file"] if isinstance(body, dict) and set(body) == {"import_file"} else body

    @field_validator("content_type")
    @classmethod
    def _is_media_type(cls, value: str) -> str:
        if not _MEDIA_TYPE.fullmatch(value):
            raise ValueError("is not a media type, as text/csv is one.")
        return value


class FileShown(BaseModel):
    """A file that was sent, or is to be."""

    id: int = Field(examples=[1])
    filename: str = Field(examples=["products.xlsx"])
    status: Literal["pending", "success"] = Field(description="`success`: confirmed, and ready to be imported.")
    size: int = Field(description="In bytes.", examples=[21484])
    content_type: str = Field(examples=["text/csv"])
    expires_at: Milliseconds = Field(description="When the file is removed; tasks keep their own copy.")
    created_at: Milliseconds
    updated_at: Milliseconds
    upload_url: str = Field(description="PUT the bytes here; no token is needed.")
    confirm_url: str = Field(description="Then PUT nothing here, with the token.")
    public_url: str = Field(description="What to send as `file_url` of a task, once confirmed.")
    url: str = Field(description="This.")

    @classmethod
    def of(cls, file: ImportFile, request: Request) -> "FileShown":
        """Show a file, its addresses by the name that the client calls this server by."""
        base = base_of(request)
        own = f"{base}{FILES}/{file.id}"
        given = {name: getattr(file, name) for name in cls.model_fields if not name.endswith("url")}
        return cls(
            **given,
            upload_url=file_addresses.upload_url(base, file),
            confirm_url=f"{own}/confirm",
            public_url=file_addresses.public_url(base, file),
            url=own,
        )


def base_of(request: Request) -> str:
    """Return the address of this API, as a request calls it."""
    return str(request.base_url).rstrip("/")


def _number(file_id: Annotated[str, Path(description="The file's id.", examples=["1"])]) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", file_id):
        raise not_found()
    return int(file_id)


FileId = Annotated[int, Depends(_number)]


@router.post(FILES, status_code=201, responses=errors(400, 415), summary="Announce a file")
def create_file(body: FileToSend, request: Request, key: TasksWriter, services: Services) -> FileShown:
    """Say what will be sent. The answer's `upload_url` takes it; the file is kept for 24 hours."""
    most = services.settings.max_import_file_bytes
    if body.size > most:
        raise invalid(
            "size", f"must be at most {most} bytes: split the file, or put it on a server and import its URL."
        )
    with services.connection() as conn:
        made = import_files.insert(
            conn, key.tenant_id, filename=displayable(body.filename), content_type=body.content_type, size=body.size
        )
    return FileShown.of(made, request)


@router.get(f"{FILES}/{{file_id}}", responses=errors(404), summary="Get a file")
def get_file(file_id: FileId, request: Request, key: TasksReader, services: Services) -> FileShown:
    """Show a file that has not expired."""
    with services.connection() as conn:
        return FileShown.of(_find(conn, key, file_id), request)


@router.put(f"{FILES}/{{file_id}}/confirm", responses=errors(404), summary="Confirm a file")
def confirm_file(file_id: FileId, request: Request, key: TasksWriter, services: Services) -> FileShown:
    """Say that a file was sent, so that it can be imported. Confirmed twice is confirmed."""
    with services.connection() as conn:
        _find(conn, key, file_id)
        confirmed = import_files.confirm(conn, file_id, key.tenant_id)
        if confirmed is None:
            raise VoogProblem(422, NOT_SENT)
        return FileShown.of(confirmed, request)


@router.put(
    f"{file_addresses.PREFIX}/{{file_id}}/content",
    response_class=Response,
    responses=errors(503),
    openapi_extra={"requestBody": {"content": {ANY_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
    summary="Send a file",
)
async def send_file(
    file_id: FileId,
    request: Request,
    services: Services,
    signature: Annotated[str, Query(description="As in `upload_url`.")] = "",
) -> Response:
    """Send the bytes, as many as were announced; sent again before they are confirmed, they are replaced."""
    file = await run_in_threadpool(_signed, services, file_id, "upload", signature)
    if file.status != "pending":
        raise VoogProblem(422, CONFIRMED)
    key = f"{file.folder}/{uuid4()}"
    try:
        size, digest = await receive_bytes(request, services.files, key=key, max_bytes=file.size)
    except FileTooLarge:
        raise _wrong_size(file, "more") from None
    is_kept = await run_in_threadpool(_keep, services, file, key, size, digest)
    if size != file.size:
        raise _wrong_size(file, f"{size}")
    if not is_kept:
        raise VoogProblem(422, CONFIRMED)
    return Response(headers={"ETag": f'"{digest.hex()}"'})


@router.get(
    f"{file_addresses.PREFIX}/{{file_id}}/{{signature}}/{{filename:path}}",
    response_class=StreamingResponse,
    responses=errors(503) | {200: {"description": "The file.", "content": {ANY_TYPE: {}}}},
    summary="Download a file",
)
def download_file(
    file_id: FileId, signature: Annotated[str, Path()], filename: Annotated[str, Path()], services: Services
) -> StreamingResponse:
    """Give a confirmed file to whoever knows its `public_url`; no browser shows it, whatever it is."""
    file = _signed(services, file_id, "public", signature)
    if file.status != "success" or file.file_key is None or file.sha256 is None:
        raise VoogProblem(403, NOT_SIGNED)
    try:
        content = services.files.open_read(file.file_key)
    except FileNotFoundError:  # swept this moment
        raise VoogProblem(403, NOT_SIGNED) from None
    headers = {
        "Content-Disposition": attachment(file.filename),
        "Content-Length": str(file.size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "ETag": f'"{file.sha256.hex()}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(_blocks(content), media_type=file.content_type, headers=headers)


def _find(conn: Connection[Any], key: ApiKey, file_id: int) -> ImportFile:
    file = import_files.get(conn, file_id, key.tenant_id)
    if file is None:
        raise not_found()
    return file


def _signed(services: ApiServices, file_id: int, purpose: str, signature: str) -> ImportFile:
    """Return the file of a signed address; raises VoogProblem, the same for whatever is wrong with it."""
    with services.connection() as conn:
        file = import_files.get(conn, file_id)
    if file is None or not file_addresses.is_signed(file, purpose, signature):
        raise VoogProblem(403, NOT_SIGNED)
    return file


def _keep(services: ApiServices, file: ImportFile, key: str, size: int, digest: bytes) -> bool:
    """Note where a file's bytes are, and remove those that they replace; those that it cannot have are removed."""
    is_kept, superseded = False, None
    if size == file.size:
        with services.connection() as conn:
            is_kept, superseded = import_files.received(conn, file.id, file_key=key, sha256=digest)
    if gone := superseded if is_kept else key:
        services.files.delete(gone)
    return is_kept


def _wrong_size(file: ImportFile, sent: str) -> VoogProblem:
    message = (
        f"The file was announced with {file.size} bytes, and {sent} came: send the file itself as the body, no form, "
        "or announce it anew with the right size."
    )
    return VoogProblem(422, message)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while block := content.read(_BLOCK_BYTES):
            yield block
