"""That OpenAPI describes everything the API's page and the contract document (documented_api.txt), with the same
defaults and limits, and no endpoint beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from described import endpoints


@dataclass
class Documented:
    """An endpoint as it is documented."""

    name: str
    statuses: set[int]
    parameters: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


def read() -> dict[str, Documented]:
    """Return what documented_api.txt says, by endpoint."""
    lines = [line for line in (Path(__file__).parent / "documented_api.txt").read_text().splitlines() if line.strip()]
    short: dict[str, str] = {}
    found: dict[str, Documented] = {}
    for line in lines:
        if line.startswith("$"):
            name, _, text = line.partition(" ")
            short[name] = f"{short.get(name, '')} {text}"
    for line in (line for line in lines if line[0] not in "#$"):
        if line[0] != " ":
            method, path, *statuses = line.split()
            last = found.setdefault(f"{method} {path}", Documented(f"{method} {path}", set(map(int, statuses))))
            answers = False
            continue
        answers = answers or "->" in line
        said = re.sub(r"\$\w+", lambda match: short[match.group()], line.replace("->", ""))
        if answers:
            last.fields += paths(said)
        else:
            last.parameters += said.split()
    return found


def paths(text: str) -> Iterator[str]:
    """Yield `a(b c)` as a, a.b, a.c."""
    around: list[str] = []
    for word, mark in re.findall(r"([\w*]*)([() ]?)", text):
        if word:
            yield ".".join([*around, word])
        if mark == "(":
            around.append(word)
        elif mark == ")":
            around.pop()


DOCUMENTED = read()


@pytest.mark.parametrize("name", list(DOCUMENTED))
def test_openapi_describes_what_is_documented(name: str) -> None:
    documented, endpoint = DOCUMENTED[name], endpoints()[name]

    assert documented.statuses == set(endpoint.statuses)
    assert not set(documented.fields) - set(endpoint.fields)
    for said in documented.parameters:
        parameter, is_required, default, most = re.fullmatch(r"([\w.*-]+)(!?)(?:=([^<]+))?(?:<=(\d+))?", said).groups()
        found = endpoint.parameters[parameter]
        assert found.is_required is bool(is_required), said
        assert default is None or found.defaults == [default], said
        assert most is None or found.most == [int(most)], said


def test_every_endpoint_is_documented() -> None:
    assert set(endpoints()) == set(DOCUMENTED)
