"""Imports whose file is fetched: from a URL, by FTP, by SFTP, or from a mailbox.

The answer comes at once; the job's run fetches the file. What is wrong with the request is 422; what is wrong at the
other side (no such file, a bad login, an address that may not be reached) is a failed job that says so.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import APIRouter, Depends, Response
from psycopg import Connection
from pydantic import BaseModel, SecretStr

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsWriter
from api.pixee.accepting import IdempotencyKey, NewJob, accept
from api.pixee.jobs import location
from api.pixee.models import FetchAccepted, ImportAccepted
from api.pixee.upload_form import JobFields, options_of, supplier_made, supplier_of, template_of
from api.services import Services
from pim_pipelines import sources
from pim_pipelines.errors import InvalidField
from pim_pipelines.file_names import displayable
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.egress import Egress
from pim_pipelines.sources.http import name_asked_for
from pim_pipelines.sources.names import type_of
from pim_pipelines.sources.places import FtpFields, HttpFields, MailFields, SftpFields
from pim_pipelines.store import fetches, jobs
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.keys import ApiKey

router = APIRouter(prefix=PREFIX, tags=["imports"])

Answer = TypeVar("Answer", ImportAccepted, FetchAccepted)


@dataclass
class _Caller:
    """Who asks, and what the answer is written to."""

    response: Response
    key: ImportsWriter
    services: Services
    idempotency_key: IdempotencyKey = None


Caller = Annotated[_Caller, Depends(_Caller)]


class UrlImport(HttpFields, JobFields):
    """A file at a public URL."""


class FtpImport(FtpFields, JobFields):
    """A file on an FTP server."""


class SftpImport(SftpFields, JobFields):
    """A file on an SFTP server."""


class EmailImport(MailFields, JobFields):
    """A file in a mailbox."""


_RESPONSES = problems(415) | LOCATION


@router.post("/imports/upload-from-url", status_code=202, responses=_RESPONSES, summary="Upload from URL")
def upload_from_url(body: UrlImport, caller: Caller) -> ImportAccepted:
    """Start an import job by fetching a file from a public URL, through up to 10 redirects.

    `file_name` and `file_type` are what the URL promises, until the file has come. Only public addresses are fetched
    from, and those in PIM_EGRESS_ALLOW.
    """
    name = displayable(name_asked_for(body.url))
    return _answered(_Fetch(body, "url", "http", HttpFields, name), ImportAccepted, caller)


@router.post("/imports/import/ftp", status_code=202, responses=_RESPONSES, summary="Import via FTP")
def import_from_ftp(body: FtpImport, caller: Caller) -> FetchAccepted:
    """Start an import job by fetching a file from an FTP or FTPS server: the newest one that matches.

    A file that is still being uploaded is waited for. Trouble on the network is tried again, three times in all.
    """
    return _answered(_Fetch(body, "ftp", "ftp", FtpFields), FetchAccepted, caller)


@router.post("/imports/import/sftp", status_code=202, responses=_RESPONSES, summary="Import via SFTP")
def import_from_sftp(body: SftpImport, caller: Caller) -> FetchAccepted:
    """Start an import job by fetching a file from an SFTP server: the newest one that matches.

    The first host key that a server shows is kept, and another one is refused later unless `host_key` names it.
    """
    return _answered(_Fetch(body, "sftp", "sftp", SftpFields), FetchAccepted, caller)


@router.post("/imports/import/email", status_code=202, responses=_RESPONSES, summary="Import via email (IMAP)")
def import_from_email(body: EmailImport, caller: Caller) -> FetchAccepted:
    """Start an import job by fetching an attachment by IMAP: the newest one that looks like a product file.

    Its message is marked as read once the file was taken over.
    """
    if not body.tls and not Egress(caller.services.settings.egress_allow).could_allow(body.imap_host, body.imap_port):
        raise InvalidField.one("tls", "false is only for hosts in PIM_EGRESS_ALLOW: use TLS.", "not_allowed")
    return _answered(_Fetch(body, "email", "email", MailFields), FetchAccepted, caller)


class _Fetch:
    """A checked request for a file from somewhere; `place` says which of its fields say where."""

    def __init__(
        self, body: JobFields, import_type: str, kind: str, place: type[BaseModel], file_name: str | None = None
    ) -> None:
        self.fields = body
        self.import_type = import_type
        self.file_name = file_name
        given = body.model_dump(include=set(place.model_fields), exclude_unset=True)
        self.source, self.secrets = sources.divide(given | {"type": kind})

    def fingerprint(self, box: SecretBox | None) -> bytes:
        """Return by what a repetition is known; passwords cannot be tried out on it."""
        given = self.fields.model_dump(exclude_unset=True)
        text = json.dumps([self.import_type, given], sort_keys=True, default=_plain).encode()
        return box.fingerprint(text) if box else hashlib.sha256(text).digest()

    def insert(self, conn: Connection[Any], key: ApiKey, sealed: bytes | None) -> Job:
        """Make the job; raises InvalidField."""
        fields = self.fields
        supplier, template = supplier_of(conn, key, fields), template_of(conn, key, fields)
        options = options_of(fields, template)
        supplier = supplier_made(conn, key, fields, supplier)
        job = jobs.insert(
            conn,
            uuid=uuid4(),
            tenant_id=key.tenant_id,
            import_type=self.import_type,
            supplier_id=supplier.id if supplier else None,
            template_id=template.id if template else None,
            auto_process=fields.auto_process,
            file_name=self.file_name,
            file_type=type_of(self.file_name) if self.file_name else None,
            validation_rules=template.validation_rules if template else None,
            import_options=options,
        )
        fetches.attach(conn, job.uuid, source=self.source, sealed=sealed)
        return job


def _answered(fetch: _Fetch, model: type[Answer], caller: _Caller) -> Answer:
    """Make the job and launch its run; the secrets go to its row encrypted."""
    key, services = caller.key, caller.services
    fernet_keys = services.settings.secret_key
    box = SecretBox(fernet_keys or "") if fernet_keys or fetch.secrets else None
    sealed = box.seal(fetch.secrets) if box and fetch.secrets else None
    new = NewJob(fetch.fingerprint(box), lambda conn: fetch.insert(conn, key, sealed), model, model.of)
    answer, is_new = accept(new, key, services, caller.idempotency_key)
    caller.response.headers["Location"] = location(answer.id)
    if not is_new:
        caller.response.headers["Idempotency-Replayed"] = "true"
    return answer


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
