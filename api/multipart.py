"""A form with one file, read in a stream: the file's bytes go on as they come, nothing of it is kept in memory.

Source: RFC 7578. Fields may stand before or after the file.
"""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.problems import Problem, invalid

MOST_FIELDS = 100
LONGEST_FIELD = 64 * 1024


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a form's content type names; raises Problem for any other content type."""
    media_type, parameters = parse_options_header(content_type)
    if media_type != b"multipart/form-data":
        raise Problem(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the file as multipart/form-data, in the field `file` (curl -F file=@catalog.csv).",
        )
    if not parameters.get(b"boundary"):
        raise _malformed()
    return parameters[b"boundary"]


class FileForm:
    """Takes the body piece by piece; `take` gives the bytes of the file that have come since.

    After `finish` there are `fields` by name, and `file_name` as the client wrote it. Raises Problem.
    """

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._pending = bytearray()
        self._is_over = False
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._name = ""
        self._text: bytearray | None = None
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._add_header,
                    "on_header_value": self._add_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise _malformed() from None

    @property
    def pending(self) -> int:
        """How many bytes `take` would give."""
        return len(self._pending)

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self._is_over:
            return  # an epilogue means nothing
        try:
            self._parser.write(data)
        except FormParserError:
            raise _malformed() from None

    def take(self) -> bytes:
        """Return the bytes of the file that have come since the last call."""
        data = bytes(self._pending)
        self._pending.clear()
        return data

    def finish(self) -> None:
        """Check that the form was whole."""
        if not self._is_over:
            raise _malformed()
        if self.file_name is None:
            message = "Send the file in the field `file`, as a file with a name (curl -F file=@catalog.csv)."
            raise invalid("file", message, "missing")

    def _begin_part(self) -> None:
        self._disposition = b""
        self._text = None

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _open_part(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        if b"name" not in parameters:
            raise _malformed()
        self._name = _decoded(parameters[b"name"])
        if b"filename" not in parameters:
            if self._name in self.fields:
                raise invalid(self._name[:100], "The field stands in the form twice: send it once.", "duplicate")
            if len(self.fields) >= MOST_FIELDS:
                raise invalid("body", f"The form has more than {MOST_FIELDS} fields.", "too_many")
            self._text = bytearray()
            return
        if self._name != "file":
            message = f"`{self._name[:100]}` is a file too: send one file, in the field `file`."
            raise invalid(self._name[:100], message, "unexpected_file")
        if self.file_name is not None:
            raise invalid("file", "The form holds two files: send one an upload.", "duplicate")
        self.file_name = _decoded(parameters[b"filename"])

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._text is None:
            self._pending += data[start:end]
            return
        self._text += data[start:end]
        if len(self._text) > LONGEST_FIELD:
            raise invalid(self._name[:100], f"The field is longer than {LONGEST_FIELD // 1024} KB.", "too_long")

    def _end_part(self) -> None:
        if self._text is None:
            return
        try:
            self.fields[self._name] = self._text.decode()
        except UnicodeDecodeError:
            raise invalid(self._name[:100], "The field is not text in UTF-8.", "encoding") from None

    def _end(self) -> None:
        self._is_over = True


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")  # what old clients send


def _malformed() -> Problem:
    return invalid("body", "The form is not whole: check its boundary, and that it was sent to its end.", "malformed")
