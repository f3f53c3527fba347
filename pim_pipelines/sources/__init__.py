"""Files from somewhere else into the file store.

| module | noun |
|---|---|
| `places.py` | what a `file_source` may say, and which of it is secret |
| `source.py` | what every source can do |
| `http.py ftp.py sftp.py mailbox.py` | one kind of source each |
| `choice.py` | which of the files that are there is meant, once it is whole |
| `egress.py` | which addresses may be reached; every connection is opened by it |

A `file_source` is what requests and configs say. It is kept in two halves, and used like this:

    shown, secrets = sources.divide(file_source)     # to be stored: plain, and sealed by a SecretBox; InvalidField
    with sources.of(shown, secrets, settings()) as source:
        source.described                             # for logs and people: no secret in it
        found = list(source.candidates())            # what matches, newest first: name, path, size, modified_at
        whole, growing = choice.look_twice(source, every=True, patience=Patience())  # two looks, some seconds apart
        fetched = sources.store(source, whole[0], files, key, max_bytes)             # name, size, sha256
        source.mark_done(whole[0])                   # as `after_import` says: keep, move, delete; mail is seen

`file_source | {"path": candidate.path}` is that one file, as a job's `source` may name it: the job's run fetches it
(`ops/fetching.py`). Who has seen a file before is not known here: `Candidate.state` and `path` are for the ledger of
the configs. An HTTP source has always one candidate, without size and time: only its bytes tell whether it is new.
Errors are SourceError with a sentence for the user; NetworkTrouble, one of them, may be cured by trying again.
"""

from typing import TYPE_CHECKING, Any

from pim_pipelines.sources.egress import AddressRefused, Egress, NetworkTrouble
from pim_pipelines.sources.places import HIDDEN, SECRETS, divide, read
from pim_pipelines.sources.source import Candidate, Fetched, Source, Timeouts
from pim_pipelines.sources.storing import store

if TYPE_CHECKING:
    from pim_pipelines.settings import Settings


def of(
    file_source: dict[str, Any], secrets: dict[str, Any], settings: "Settings", timeouts: Timeouts | None = None
) -> Source:
    """Return the source that a `file_source` names, with the secrets that `divide` parted from it.

    Nothing is connected yet. Raises InvalidField for a `file_source` that is wrong.
    """
    place = read(file_source, secrets)
    guard = Egress(settings.egress_allow)
    # Each kind is loaded when it is needed: SSH alone takes 100 ms.
    if place.type == "http":
        from pim_pipelines.sources.http import HttpSource  # noqa: PLC0415

        return HttpSource(place.url, guard, timeouts)
    if place.type == "ftp":
        from pim_pipelines.sources.ftp import FtpSource  # noqa: PLC0415

        return FtpSource(place, guard, timeouts)
    if place.type == "sftp":
        from pim_pipelines.sources.host_keys import HostKeys  # noqa: PLC0415
        from pim_pipelines.sources.sftp import SftpSource  # noqa: PLC0415

        return SftpSource(place, guard, HostKeys(settings.home / "known_hosts"), settings.keys_directory, timeouts)
    from pim_pipelines.sources.mailbox import MailSource  # noqa: PLC0415

    return MailSource(place, guard, timeouts)


__all__ = [
    "HIDDEN",
    "SECRETS",
    "AddressRefused",
    "Candidate",
    "Egress",
    "Fetched",
    "NetworkTrouble",
    "Source",
    "Timeouts",
    "divide",
    "of",
    "read",
    "store",
]
