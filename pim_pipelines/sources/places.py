"""What a `file_source` may say, a model a type: read from requests, configs and jobs alike.

Secrets are SecretStr, so that no repr shows them; `divide` parts them from the rest for storage.
"""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from pim_pipelines.errors import InvalidField
from pim_pipelines.sources.http import public_url

SECRETS = ("password", "key_passphrase", "url")
"""A URL is one where user, password or a query stand in it."""

HIDDEN = "***"

Port = Annotated[int, Field(ge=1, le=65535)]


def _line(text: str) -> str:
    # A line break would end one command and begin another.
    if not all(character.isprintable() or character == "\u00a0" for character in text):
        raise ValueError("must not hold control characters")
    return text


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]").rstrip(".")
    if re.search(r"[\s/@?#\\%\[\]]", host) or (":" in host and not re.fullmatch(r"[0-9a-fA-F:.]+", host)):
        raise ValueError("must be the name or address of a host alone, without scheme, port or path")
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("is no name of a host") from None
    return host


def _key_file(path: str) -> str:
    if ".." in PurePosixPath(path.replace("\\", "/")).parts:
        raise ValueError("must not hold `..`: it is looked up below PIM_KEY_DIR")
    return path


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        if good:
            _host(parts.hostname or "")
    except ValueError:
        good = False
    if not good or not text.isprintable() or " " in text.strip():
        raise ValueError("must be a whole HTTP or HTTPS address, such as https://supplier.com/exports/products.csv")
    return text


_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(_line)]
Host = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=253),
    AfterValidator(_line),
    AfterValidator(_host),
]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_url)]
Pattern = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(_line)]
AfterImport = Literal["keep", "move", "delete"]


def _secret_line(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError("must not hold line breaks")
    return secret


Secret = Annotated[SecretStr, Field(max_length=1000), AfterValidator(_secret_line)]


class _Fields(BaseModel):
    """What all have: unknown fields are passed over, error texts never quote what was sent."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class HttpFields(_Fields):
    """A web address."""

    url: Url = Field(
        description="Public URL of the file to import (HTTP or HTTPS).",
        examples=["https://supplier.com/exports/products.csv"],
    )


class FolderFields(_Fields):
    """What FTP and SFTP have in common."""

    directory_path: _Line = Field(
        "/",
        description="Remote directory to scan; without a `/` at its beginning, it is below the login's own directory.",
        examples=["/exports"],
    )
    file_pattern: Pattern | None = Field(
        None,
        description="Glob pattern to filter files, without regard to case (default: any accepted type). "
        "The newest match wins. Hidden and unfinished files (`.part`, `.tmp` …) never match.",
        examples=["products_*.csv"],
    )
    all_matching: bool = Field(
        False,
        description="One job for each matching file, oldest first: the first is answered, the rest carry its id as "
        "`batch_id`.",
    )


class FtpFields(FolderFields):
    """An FTP server."""

    host: Host = Field(description="FTP server hostname or IP.", examples=["ftp.supplier.com"])
    port: Port = Field(21, description="FTP port; 990 is FTPS from the first byte.")
    username: _Line = Field("anonymous", description="FTP username.", examples=["ftpuser"])
    password: Secret | None = Field(None, description="FTP password.", examples=["s3cr3t"])
    tls: bool = Field(False, description="FTPS: encrypted, with the certificate checked.")
    passive: bool = Field(
        True, description="Passive transfers; where the server refuses them, active ones are tried. False: active only."
    )


class SftpFields(FolderFields):
    """An SFTP server."""

    host: Host = Field(description="SFTP server hostname.", examples=["sftp.supplier.com"])
    port: Port = Field(22, description="SFTP port.")
    username: _Line = Field(description="SFTP username.", examples=["sftpuser"])
    key_file_path: Annotated[_Line, AfterValidator(_key_file)] | None = Field(
        None,
        description="Path to the private key file on the server, below PIM_KEY_DIR (also where it begins with `/`).",
        examples=["/keys/supplier_rsa"],
    )
    key_passphrase: Secret | None = Field(None, description="Passphrase of the key file.")
    password: Secret | None = Field(
        None, description="Password, in place of a key or beside it.", validate_default=True
    )
    host_key: _Line | None = Field(
        None,
        description="The server's public key (`ssh-ed25519 AAAA…`) or its fingerprint (`SHA256:…`). Left out, the "
        "first key seen is kept, and another one is refused later.",
        examples=["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDtNnJsdEbGgVt2vDU"],
    )

    @field_validator("password")
    @classmethod
    def _has_login(cls, password: SecretStr | None, found: ValidationInfo) -> SecretStr | None:
        if password is None and found.data.get("key_file_path", "wrong") is None:
            raise ValueError("key_file_path or password is required")
        return password


class MailFields(_Fields):
    """A mailbox."""

    imap_host: Host = Field(description="IMAP server hostname.", examples=["imap.supplier.com"])
    imap_port: Port = Field(993, description="IMAP port.")
    email: _Line = Field(description="Email address to connect with.", examples=["orders@shop.com"])
    password: Secret = Field(description="Email account password or app password.")
    folder: _Line = Field("INBOX", description="IMAP folder to scan.")
    sender_filter: _Line | None = Field(
        None,
        description="Only process emails from this sender address; `*@supplier.com` is a whole domain.",
        examples=["export@supplier.com"],
    )
    file_pattern: Pattern | None = Field(
        None, description="Glob pattern of the attachments' names (default: any accepted type). The newest wins."
    )
    all_matching: bool = Field(
        False,
        description="One job for each matching attachment of the unread emails: the first is answered, the rest carry "
        "its id as `batch_id`.",
    )
    tls: bool = Field(True, description="False is only for hosts in PIM_EGRESS_ALLOW.")


class HttpPlace(HttpFields):
    """`file_source` of type http."""

    type: Literal["http"] = "http"
    all_matching: Literal[False] = False


class FtpPlace(FtpFields):
    """`file_source` of type ftp; `path` names one file, as a Candidate does."""

    type: Literal["ftp"] = "ftp"
    path: _Line | None = None
    after_import: AfterImport = "keep"


class SftpPlace(SftpFields):
    """`file_source` of type sftp."""

    type: Literal["sftp"] = "sftp"
    path: _Line | None = None
    after_import: AfterImport = "keep"


class MailPlace(MailFields):
    """`file_source` of type email; `keep` marks the message as read."""

    type: Literal["email"] = "email"
    path: _Line | None = None
    after_import: AfterImport = "keep"


Place = Annotated[HttpPlace | FtpPlace | SftpPlace | MailPlace, Field(discriminator="type")]
_PLACE: TypeAdapter[HttpPlace | FtpPlace | SftpPlace | MailPlace] = TypeAdapter(Place)


def read(file_source: dict[str, Any], secrets: dict[str, Any] | None = None) -> Place:
    """Read a `file_source`, with the secrets that were parted from it; raises InvalidField naming `file_source.…`."""
    try:
        return _PLACE.validate_python({**file_source, **(secrets or {})})
    except ValidationError as error:
        raise InvalidField([_problem(dict(item)) for item in error.errors(include_input=False)]) from None


def divide(file_source: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Check a `file_source` and part it into what may be seen and its secrets; raises InvalidField.

    What a URL hides is its user, its password and its query; the part that may be seen is without them.
    """
    place = read(file_source)
    shown = place.model_dump(mode="json", exclude_unset=True, exclude_none=True) | {"type": place.type}
    secrets = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name in SECRETS
        if (value := getattr(place, name, None)) is not None
    }
    for name in secrets:
        shown.pop(name, None)
    if "url" in secrets:
        shown["url"] = public_url(secrets["url"])
        if shown["url"] == secrets["url"]:
            del secrets["url"]
    return shown, secrets


def _problem(item: dict[str, Any]) -> tuple[str, str, str]:
    place = [str(part) for part in item["loc"]]
    if item["type"].startswith("union_tag"):
        place = ["type"]
        item["msg"] = "must be http, ftp, sftp or email"
    elif place[:1] in (["http"], ["ftp"], ["sftp"], ["email"]):  # which of the four models it was
        place = place[1:]
    return ".".join(["file_source", *place]), str(item["msg"]).removeprefix("Value error, "), str(item["type"])
