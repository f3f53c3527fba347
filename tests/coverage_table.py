"""Write docs/api-coverage.md: which test shows which endpoint, parameter, default, limit and field of the answers.

It is made of the OpenAPI document and of what the tests claim (tests/api/claims.py), which they are held to when they
run. `make api-coverage` writes it; with `--check` nothing is written, and the exit status is 1 where the page is stale,
where no test shows something that OpenAPI has, or where a test claims to show something that it has not.
"""

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "api-coverage.md"
MOST_TESTS = 3
"""How many tests are named beside an item."""

sys.path[:0] = [str(HERE), str(HERE / "api"), str(HERE.parent)]

from claims import Claim, claims_of, unknown  # noqa: E402
from described import Endpoint, Parameter, endpoints  # noqa: E402

Shown = dict[Claim, list[str]]
"""What is claimed, and the tests that do (`test_jobs.py::TestList::test_pages`), in the order of the files."""

HEAD = """\
# What the tests show of the API

Made by `make api-coverage` from the OpenAPI document and from the tests' own claims, which they are held to when they
run ([tests/api/claims.py](../tests/api/claims.py)); a test keeps this page true. Names of tests are below `tests/api/`,
paths below `/api/v1`. A default stands where there is one beside null; a limit is shown by a request beyond it that
is answered 422.

"""


class Collector:
    """A plugin of pytest that keeps the claims of the tests it collects."""

    def __init__(self) -> None:
        self.shown: Shown = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep them, but of tests that may not run."""
        for item in session.items:
            if any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail")):
                continue
            test = item.nodeid.partition("[")[0].removeprefix("tests/api/")
            for claim in claims_of(item):
                tests = self.shown.setdefault(claim, [])
                if test not in tests:
                    tests.append(test)


def collect() -> Shown:
    """Return what the tests of the API claim."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", "--assert=plain"]
        status = pytest.main([*arguments, str(HERE / "api")], plugins=[collector])
    if status != pytest.ExitCode.OK:
        raise SystemExit(f"The tests could not be collected:\n{said.getvalue()}")
    return collector.shown


def tests_of(shown: Shown, endpoint: Endpoint, item: str) -> list[str]:
    """Return the tests that show an item."""
    tests = shown.get((endpoint.name, item), [])
    if item.startswith("response."):
        tests = [*tests, *(test for test in shown.get((endpoint.name, "response.*"), []) if test not in tests)]
    return tests


def complaints(shown: Shown) -> Iterator[str]:
    """Yield what is wrong: what no test shows, and claims of what is not there."""
    for endpoint in endpoints().values():
        for item in ["", *endpoint.items()]:
            if not tests_of(shown, endpoint, item):
                yield f"no test shows {endpoint.name}{f': {item}' if item else ''}"
    for claim, tests in shown.items():
        if unknown(claim):
            yield f"OpenAPI does not have {claim[0]}: {claim[1]}, which {tests[0]} claims to show"


def page(shown: Shown) -> str:
    """Return the page."""
    return HEAD + "\n".join(
        [*_summary(shown), *(line for each in endpoints().values() for line in _detail(shown, each))]
    )


def _summary(shown: Shown) -> Iterator[str]:
    yield "| endpoint | parameters | defaults | limits | response fields | tests |"
    yield "|---|---|---|---|---|---|"
    for endpoint in endpoints().values():
        parameters = endpoint.parameters.values()
        defaults = [f"{each.name} default {default}" for each in parameters for default in each.defaults]
        limits = [limit for each in parameters for limit in each.limits()]
        fields = [f"response.{name}" for name in endpoint.fields if name]
        columns = ([each.name for each in parameters], defaults, limits, fields)
        counts = " | ".join(_count(shown, endpoint, items) for items in columns)
        yield f"| [{endpoint.name}](#{_anchor(endpoint.name)}) | {counts} | {len(shown.get((endpoint.name, ''), []))} |"
    yield ""


def _count(shown: Shown, endpoint: Endpoint, items: list[str]) -> str:
    return f"{sum(bool(tests_of(shown, endpoint, item)) for item in items)}/{len(items)}" if items else ""


def _detail(shown: Shown, endpoint: Endpoint) -> Iterator[str]:
    yield f"## {endpoint.name}"
    yield ""
    yield "| what | shown by |"
    yield "|---|---|"
    rows = [row for each in endpoint.parameters.values() for row in _rows(shown, endpoint, each)]
    rows += _grouped((name, tests_of(shown, endpoint, f"response.{name}")) for name in endpoint.fields if name)
    if not rows:
        rows = [("that it answers", shown.get((endpoint.name, ""), []))]
    for what, tests in rows:
        yield f"| {what} | {_named(tests)} |"
    yield ""


def _rows(shown: Shown, endpoint: Endpoint, parameter: Parameter) -> Iterator[tuple[str, list[str]]]:
    claimed = [item for name, item in shown if name == endpoint.name and item.startswith(f"{parameter.name} default ")]
    stated = [f"{parameter.name} default {default}" for default in parameter.defaults]
    yield f"`{parameter.name}` ({parameter.place})", tests_of(shown, endpoint, parameter.name)
    for item in stated or claimed:
        name, _, default = item.partition(" default ")
        yield f"`{name}` default {default}", tests_of(shown, endpoint, item)
    limits = [(item.partition(" ")[2], tests_of(shown, endpoint, item)) for item in parameter.limits()]
    for names in {tuple(tests): None for _, tests in limits}:
        said = ", ".join(limit for limit, tests in limits if tuple(tests) == names)
        yield f"`{parameter.name}` {said}", list(names)


def _grouped(items: Iterable[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return fields that the same tests show as one row."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, tests in items:
        groups.setdefault(tuple(tests), []).append(f"`{name}`")
    return [(f"answers {', '.join(names)}", list(tests)) for tests, names in groups.items()]


def _named(tests: list[str]) -> str:
    if not tests:
        return "**nothing**"
    more = [f"{len(tests) - MOST_TESTS} more"] if len(tests) > MOST_TESTS else []
    return ", ".join([*(f"`{test}`" for test in tests[:MOST_TESTS]), *more])


def _anchor(title: str) -> str:
    """Return what GitHub makes of a heading."""
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char in "-_")


def main(arguments: list[str]) -> int:
    """Write the page, or check it; returns the exit status."""
    shown = collect()
    wrong = list(complaints(shown))
    written = page(shown)
    if "--check" not in arguments:
        PAGE.write_text(written)
    elif not PAGE.exists() or PAGE.read_text() != written:
        wrong.append(f"{PAGE.name} is stale: run `make api-coverage`")
    sys.stderr.writelines(f"{each}\n" for each in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
