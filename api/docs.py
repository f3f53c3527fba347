"""The pages at `/docs`: the OpenAPI description as one HTML page, without scripts and without anything from elsewhere.

The framework's own page loads its code from a CDN and stays blank on a machine without one.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
code, pre { font: 14px/1.45 ui-monospace, monospace; background: #f3f5f8; border-radius: 4px; }
code { padding: 1px 4px; } pre { padding: .8rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #e3e7ee; }
details { border: 1px solid #dde3ec; border-radius: 8px; margin: .5rem 0; padding: .5rem .9rem; }
summary { cursor: pointer; } summary small { color: #5b6778; margin-left: .5rem; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
.get { color: #0b6bcb; } .post { color: #1a7f4b; } .delete { color: #b3261e; }
"""

Row = tuple[str, str, dict[str, Any], bool, dict[str, Any]]
"""A parameter's name, place, schema, whether it is needed, and what has its description."""

_EMPTY: dict[str, Any] = {"object": {}, "boolean": False, "integer": 0, "number": 0}


def page(schema: dict[str, Any]) -> str:
    """Return the page of a description."""
    info = schema["info"]
    parts = [f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"]
    parts.append(_text(info["description"]))
    parts.append('<p>For programs: <a href="/openapi.json">openapi.json</a></p>')
    for tag in schema["tags"]:
        parts.append(f"<h2>{escape(tag['name'].capitalize())}</h2>{_text(tag['description'])}")
        parts += [
            _operation(path, method, operation, schema)
            for path, operations in schema["paths"].items()
            for method, operation in operations.items()
            if tag["name"] in operation["tags"]
        ]
    title = escape(info["title"])
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    head += f"<style>{_STYLE}</style>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _operation(path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    parts = [_text(operation.get("description", ""))]
    scopes: list[str] = next((names for wanted in operation.get("security", []) for names in wanted.values()), [])
    if scopes:
        parts.append(f"<p>Scope: <code>{escape(', '.join(scopes))}</code></p>")
    if parameters := operation.get("parameters"):
        rows = [(item["name"], item["in"], item["schema"], item["required"], item) for item in parameters]
        parts.append(f"<h4>Parameters</h4>{_table(rows, schema)}")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h4>Body <code>{escape(media_type)}</code></h4>{_fields(content['schema'], schema)}")
    parts.append(f"<h4>Answers</h4>{_answers(operation['responses'], schema)}")
    mark = f'<span class="method {method}">{method.upper()}</span><code>{escape(path)}</code>'
    summary = f"<summary>{mark}<small>{escape(operation.get('summary', ''))}</small></summary>"
    return f'<details id="{escape(operation["operationId"])}">{summary}{"".join(parts)}</details>'


def _fields(body: dict[str, Any], schema: dict[str, Any]) -> str:
    return _table(list(_members(body, schema)), schema)


def _members(body: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[Row]:
    """Yield the fields of an object, each followed by those in it (`import_options.sheet`; `*`: any name)."""
    found = _resolved(body, schema)
    required = found.get("required", [])
    for name, item in found.get("properties", {}).items():
        yield prefix + name, "", item, name in required, item
        for branch in item.get("anyOf", [item]):
            yield from _members(branch, schema, f"{prefix}{name}.")
            if isinstance(values := branch.get("additionalProperties"), dict):
                yield from _members(values, schema, f"{prefix}{name}.*.")


def _table(rows: list[Row], schema: dict[str, Any]) -> str:
    lines = []
    for name, place, kind, is_required, item in rows:
        marks = ", ".join(filter(None, [_kind(kind, schema), place, "required" if is_required else ""]))
        default = f" Default: <code>{escape(json.dumps(kind['default']))}</code>" if _has_default(kind) else ""
        about = _inline(item.get("description") or kind.get("description", "")) + default
        lines.append(f"<tr><td><code>{escape(name)}</code></td><td>{marks}</td><td>{about}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _answers(responses: dict[str, Any], schema: dict[str, Any]) -> str:
    lines = []
    for status, answer in sorted(responses.items()):
        contents: list[dict[str, Any]] = list(answer.get("content", {}).values())
        content = contents[0].get("schema") if contents else None
        example = ""
        if content and status.startswith("2"):
            text = json.dumps(_example(content, schema), indent=2, ensure_ascii=False)
            example = f"<pre>{escape(text)}</pre>"
        lines.append(f"<tr><td><code>{status}</code></td><td>{_inline(answer['description'])}{example}</td></tr>")
    return f"<table>{''.join(lines)}</table>"


def _example(kind: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return what an answer looks like, from the examples of its fields."""
    kind = {**_resolved(kind, schema), **{name: value for name, value in kind.items() if name != "$ref"}}
    if kind.get("examples"):
        return kind["examples"][0]
    if "properties" in kind:
        return {name: _example(item, schema) for name, item in kind["properties"].items()}
    if "anyOf" in kind:
        return None
    if kind.get("enum"):
        return kind["enum"][0]
    if kind.get("type") == "array":
        return [_example(kind["items"], schema)]
    return kind.get("default", _EMPTY.get(kind.get("type", ""), "…"))


def _kind(kind: dict[str, Any], schema: dict[str, Any]) -> str:
    if "anyOf" in kind:
        return " or ".join(_kind(item, schema) for item in kind["anyOf"] if item.get("type") != "null")
    found = _resolved(kind, schema)
    if found.get("enum"):
        return " ".join(f"<code>{escape(str(value))}</code>" for value in found["enum"])
    limits = [f"{word} {found[name]}" for name, word in (("minimum", "from"), ("maximum", "to")) if name in found]
    return escape(" ".join([found.get("format") or found.get("type", ""), *limits]).strip())


def _has_default(kind: dict[str, Any]) -> bool:
    return kind.get("default") is not None


def _resolved(kind: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = str(kind.get("$ref", "")).rpartition("/")[2]
    return dict(schema["components"]["schemas"][name]) if name else kind


def _text(text: str) -> str:
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph)


def _inline(text: str) -> str:
    """Return text with the two marks that our descriptions use: `code` and **bold**."""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", shown).replace("\n", "<br>" if text.count("\n**") else " ")
