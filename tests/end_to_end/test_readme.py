"""README's first import, word for word, against the whole system."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.system


class Terminal:
    """One shell that a reader of README types into, block by block."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "-e"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def type(self, block: str) -> str:
        """Run a block and return what it printed; a command that fails ends the shell."""
        assert self._bash.stdin and self._bash.stdout
        self._bash.stdin.write(f"{block}\necho; echo END-OF-BLOCK\n")
        self._bash.stdin.flush()
        lines = []
        for line in self._bash.stdout:
            if line == "END-OF-BLOCK\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"the shell ended in {block!r} after {lines}")

    def close(self) -> None:
        """Leave the shell."""
        self._bash.communicate("exit\n", timeout=10)


def first_import() -> list[str]:
    """Return the shell blocks of the section, without the one that starts the system."""
    section = (ROOT / "README.md").read_text().partition("## Your first import")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert blocks.pop(0) == "make up\n"
    return blocks


def settle(api_url: str, job: str, key: str) -> None:
    """Wait, as a reader would, until the job is no longer at work."""
    for _ in range(600):
        detail = httpx.get(f"{api_url}/api/v1/imports/{job}", headers={"X-API-Key": key}).json()
        if detail["status"] not in {"pending", "analyzing", "processing"}:
            return
        time.sleep(0.05)
    raise AssertionError(f"the job is still {detail['status']}")


def answers(printed: str) -> list[dict[str, Any]]:
    """Split the JSON answers that curl printed one after the other."""
    decoder, found = json.JSONDecoder(), []
    while printed := printed.strip():
        value, end = decoder.raw_decode(printed)
        found.append(value)
        printed = printed[end:]
    return found


def test_the_first_import_of_the_readme_works_as_written(system: Any, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    terminal = Terminal(tmp_path, os.environ | {"PIM_HOME": str(system.home), "PIM_API_URL": system.api_url})
    key, upload, mapping, outcome, command = (
        block.replace("http://127.0.0.1:8000", system.api_url) for block in first_import()
    )

    terminal.type(key)
    secret = terminal.type("echo $KEY").strip()
    job = answers(terminal.type(upload))[0]["id"]
    settle(system.api_url, job, secret)
    mapped = answers(terminal.type(mapping))
    settle(system.api_url, job, secret)
    detail, errors, products = answers(terminal.type(outcome))
    printed = terminal.type(command)
    terminal.close()

    assert [step["status"] for step in mapped[1:]] == ["ready", "processing"]
    assert (detail["status"], detail["products_created"], detail["failed_rows"]) == ("completed", 2, 1)
    assert [(item["row_number"], item["error_type"]) for item in errors["items"]] == [(3, "ean_invalid")]
    assert products["meta"]["total"] == 2
    assert "completed" in printed
