"""The first call, as curl, Python and JavaScript."""

import json
import pprint
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    code: str
    name: str
    text: str


def of(slug: str, example: Mapping[str, Any], *, site_url: str) -> list[Sample]:
    body = {"model": slug, "input": example}
    return [
        Sample("curl", "curl", _curl(body, site_url)),
        Sample("python", "Python", _python(body, site_url)),
        Sample("javascript", "JavaScript", _javascript(body, site_url)),
    ]


def _curl(body: Mapping[str, Any], site_url: str) -> str:
    text = json.dumps(body, ensure_ascii=False, indent=2).replace("'", "'\\''")
    return (
        f"curl {site_url}/api/v1/generations \\\n"
        '  -H "Authorization: Bearer $NEURALBOX_KEY" \\\n'
        '  -H "Idempotency-Key: $(uuidgen)" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{text}'\n\n"
        f"curl {site_url}/api/v1/generations/$ID \\\n"
        '  -H "Authorization: Bearer $NEURALBOX_KEY"\n'
    )


def _python(body: Mapping[str, Any], site_url: str) -> str:
    return (
        "import os, time, uuid\n"
        "import requests\n\n"
        f'API = "{site_url}/api/v1"\n'
        "session = requests.Session()\n"
        'session.headers["Authorization"] = f"Bearer {os.environ[\'NEURALBOX_KEY\']}"\n\n'
        "generation = session.post(\n"
        '    f"{API}/generations",\n'
        f"    json={_python_literal(body)},\n"
        '    headers={"Idempotency-Key": str(uuid.uuid4())},\n'
        ").json()\n\n"
        'while generation["status"] not in ("succeeded", "failed", "cancelled"):\n'
        "    time.sleep(2)\n"
        "    generation = session.get(f\"{API}/generations/{generation['id']}\").json()\n\n"
        'for asset in generation["assets"]:\n'
        '    print(asset["url"])\n'
    )


def _python_literal(body: Mapping[str, Any]) -> str:
    return pprint.pformat(dict(body), width=80, sort_dicts=False).replace("\n", "\n         ")


def _javascript(body: Mapping[str, Any], site_url: str) -> str:
    text = json.dumps(body, ensure_ascii=False, indent=2).replace("\n", "\n  ")
    return (
        f'const api = "{site_url}/api/v1";\n'
        "const headers = {\n"
        "  Authorization: `Bearer ${process.env.NEURALBOX_KEY}`,\n"
        '  "Content-Type": "application/json",\n'
        "};\n\n"
        "let generation = await fetch(`${api}/generations`, {\n"
        '  method: "POST",\n'
        '  headers: { ...headers, "Idempotency-Key": crypto.randomUUID() },\n'
        f"  body: JSON.stringify({text}),\n"
        "}).then((answer) => answer.json());\n\n"
        'while (!["succeeded", "failed", "cancelled"].includes(generation.status)) {\n'
        "  await new Promise((resolve) => setTimeout(resolve, 2000));\n"
        "  const answer = await fetch(`${api}/generations/${generation.id}`, { headers });\n"
        "  generation = await answer.json();\n"
        "}\n\n"
        "console.log(generation.assets.map((asset) => asset.url));\n"
    )
