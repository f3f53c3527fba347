"""The addresses of import files: where the bytes are sent to, and where they are read from.

Both are signed as pre-signed URLs are, because clients use them without any header of ours: with a secret of the one
file, in a way that cannot be guessed and that nobody can make of the other address. They end with the file.
"""

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import quote, urlsplit

from psycopg import Connection

from pim_pipelines.errors import InvalidField
from pim_pipelines.store import import_files
from pim_pipelines.store.import_files import ImportFile

PREFIX = "/admin/import_files"
"""Beside `/admin/api`, where nothing is done without a token."""

_PUBLIC = re.compile(rf"{PREFIX}/([0-9]{{1,19}})/([0-9a-f]{{64}})(?:/.*)?")

GONE = (
    "is not an import file that is ready: it is unknown, was not confirmed, or is older than 24 hours. Send the file "
    "again (POST /admin/api/import_files)."
)


def upload_url(base: str, file: ImportFile) -> str:
    """Return where the bytes of a file are PUT; `base`: the API's own address, as its client knows it."""
    expires = int(file.expires_at.timestamp())
    return f"{base}{PREFIX}/{file.id}/content?expires={expires}&signature={signature(file, 'upload')}"


def public_url(base: str, file: ImportFile) -> str:
    """Return where the bytes of a file are read, once it is confirmed."""
    return f"{base}{PREFIX}/{file.id}/{signature(file, 'public')}/{quote(file.filename, safe='')}"


def signature(file: ImportFile, purpose: str) -> str:
    """Sign an address of a file; the secret is the file's own, so that its end cannot be changed either."""
    return hmac.new(file.secret, purpose.encode(), hashlib.sha256).hexdigest()


def is_signed(file: ImportFile, purpose: str, given: str) -> bool:
    """Tell whether a signature is the right one."""
    return hmac.compare_digest(signature(file, purpose).encode(), given.encode("utf-8", "replace"))


def stored_file(conn: Connection[Any], tenant_id: int, file_url: str, base: str) -> ImportFile | None:
    """Return the confirmed file of this tenant that a `file_url` means, its bytes kept until the transaction ends.

    None: the address is another server's. Which of our names the host is called by does not matter, as the signature
    tells. Raises InvalidField where the address is ours, and there is no such file.
    """
    try:
        match = _PUBLIC.fullmatch(urlsplit(file_url.strip()).path)
    except ValueError:  # no address at all
        return None
    if match is not None:
        file = import_files.get(conn, int(match[1]), tenant_id, for_use=True)
        if file is not None and file.status == "success" and is_signed(file, "public", match[2]):
            return file
    if file_url.strip().startswith(f"{base}{PREFIX}/"):
        raise InvalidField.one("file_url", GONE)
    return None
