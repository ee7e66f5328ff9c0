"""The API's page: rendered here, from the OpenAPI document, so that reading it asks no other host for anything."""

import json
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { padding: 0.75rem; overflow-x: auto; background: color-mix(in srgb, currentColor 7%, transparent); }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 0.6rem 0; }
summary { cursor: pointer; }
.method { display: inline-block; min-width: 3.5rem; font-weight: 700; }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The page's Content-Security-Policy."""


def docs_page(api: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    title = escape(api["info"]["title"])
    operations = "".join(
        _operation(path, method, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    )
    shapes = "".join(
        f"<details><summary><code>{escape(name)}</code> {escape(schema.get('description', ''))}</summary>"
        f"{_pre(schema)}</details>"
        for name, schema in api.get("components", {}).get("schemas", {}).items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{title} {escape(api['info']['version'])}</h1><p>{escape(api['info'].get('description', ''))}</p>"
        f'<p>As a document: <a href="/openapi.json">openapi.json</a></p>'
        f"<h2>Calls</h2>{operations}<h2>Shapes</h2>{shapes}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{escape(item['name'])}</code> in {escape(item['in'])}: {escape(_short(item['schema']))}</li>"
        for item in operation.get("parameters", [])
    )
    answers = "".join(
        f"<li><code>{escape(status)}</code> {escape(_shape(answer))}</li>"
        for status, answer in operation.get("responses", {}).items()
    )
    body = operation.get("requestBody")
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
        f"{escape(operation.get('summary', ''))}</summary><p>{escape(operation.get('description', ''))}</p>"
        + (f"<h4>Parameters</h4><ul>{parameters}</ul>" if parameters else "")
        + (f"<h4>Body</h4>{_pre(body['content'])}" if body else "")
        + f"<h4>Answers</h4><ul>{answers}</ul></details>"
    )


def _shape(answer: dict[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return _short(schema) or answer.get("description", "")


def _short(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2] or json.dumps(schema)


def _pre(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2))}</pre>"
