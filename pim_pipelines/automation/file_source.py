"""A config's `file_source` as its owner sends it, as it is stored, and as it is shown: secrets are `"***"`.

A secret that comes back as it was shown stays, as long as it goes to where it went before: whoever may change a config
must not be able to have its password sent to a server of theirs.
"""

from typing import Any
from urllib.parse import urlsplit

from pim_pipelines import sources
from pim_pipelines.errors import InvalidField
from pim_pipelines.sources import HIDDEN, SECRETS

Source = dict[str, Any]
Secrets = dict[str, Any]

_GOES_TO = ("type", "host", "port", "imap_host", "imap_port", "tls", "username", "email")
AFTER_IMPORT = ("keep", "move", "delete")


def accepted(given: Source, stored: Source | None = None, secrets: Secrets | None = None) -> tuple[Source, Secrets]:
    """Check a `file_source` and part it into what is stored in the open, with `"***"` in place of secrets, and those.

    `stored` and its `secrets` are what the config has: fields that are left out stay, null takes one away, and another
    `type` begins anew. Raises InvalidField naming `file_source.…`.
    """
    stored, secrets = stored or {}, secrets or {}
    if given.get("type", stored.get("type")) != stored.get("type"):
        stored, secrets = {}, {}
    whole = {name: value for name, value in (stored | given).items() if value is not None}
    watches = _watches(whole)
    shown, hidden = sources.divide(_revealed(whole, stored, secrets))
    if "url" in hidden:
        shown["url"] = masked(hidden["url"])
    shown |= {name: HIDDEN for name in hidden if name != "url"}
    return shown | ({"on_new_file": watches} if watches else {}), hidden


def masked(url: str) -> str:
    """Return an address as it is shown: user, password and query, which may be secret, are `***`."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{host}" if login else host
    return parts._replace(netloc=netloc, query=HIDDEN if parts.query else "", fragment="").geturl()


def _watches(whole: Source) -> bool:
    watches = whole.get("on_new_file", False)
    problems = []
    if not isinstance(watches, bool):
        problems.append(("file_source.on_new_file", "must be true or false", "type"))
    after = whole.get("after_import", "keep")
    if whole.get("type") == "http" and after != "keep":
        message = "must be keep for http: a web server's file cannot be moved or deleted"
        problems.append(("file_source.after_import", message, "not_allowed"))
    if problems:
        raise InvalidField(problems)
    return bool(watches)


def _revealed(whole: Source, stored: Source, secrets: Secrets) -> Source:
    """Put secrets in the place of what stands for them; raises InvalidField where there are none, or not for there."""
    revealed = dict(whole)
    for name in SECRETS:
        value = whole.get(name)
        if not isinstance(value, str) or HIDDEN not in value or (name != "url" and value != HIDDEN):
            continue
        if name not in secrets or value != stored.get(name):
            raise InvalidField.one(f"file_source.{name}", f"`***` stands for a stored secret: send the {name} itself.")
        if any(whole.get(each) != stored.get(each) for each in _GOES_TO):
            message = f"The stored {name} was for another place: send it again together with the new one."
            raise InvalidField.one(f"file_source.{name}", message, "secret_of_another_place")
        revealed[name] = secrets[name]
    return revealed
