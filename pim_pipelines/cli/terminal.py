"""Text from suppliers' files on a terminal."""

from rich.markup import escape


def plain(text: str) -> str:
    """Return text that a terminal only shows: no markup of ours, no control sequence of a file's."""
    return escape("".join(char if char.isprintable() else "\ufffd" for char in text))
