"""A file from a source into the file store: counted, hashed, and only there when it is whole."""

from collections.abc import Callable

from pim_pipelines.file_names import displayable
from pim_pipelines.files import FileStore
from pim_pipelines.incoming import Sink, too_large
from pim_pipelines.sources.source import Candidate, Fetched, Source


class ChangedMeanwhile(Exception):
    """The file was written to while it was fetched."""


class _OurDisk(Exception):
    """What went wrong was our file store, not the network: both are OSErrors."""

    def __init__(self, cause: OSError) -> None:
        super().__init__()
        self.cause = cause


def store(source: Source, candidate: Candidate, files: FileStore, key: str, max_bytes: int) -> Fetched:
    """Fetch a file and keep it under `key`; whatever goes wrong leaves nothing there.

    Raises SourceError, FileTooLarge (before the transfer, where the size is known), and ChangedMeanwhile where more or
    less came than the source had said.
    """
    if source.can_grow and candidate.size is not None and candidate.size > max_bytes:
        raise too_large(max_bytes)
    with files.create(key) as path, path.open("wb") as file:
        sink = Sink(file, max_bytes)
        try:
            better_name = source.download(candidate, _local(sink))
        except _OurDisk as error:
            raise error.cause from None
        if source.can_grow and candidate.size is not None and sink.size != candidate.size:
            raise ChangedMeanwhile
        digest = sink.close()
    return Fetched(candidate, displayable(better_name or candidate.name), sink.size, digest)


def _local(sink: Sink) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        try:
            sink.write(data)
        except OSError as error:
            raise _OurDisk(error) from None

    return write
