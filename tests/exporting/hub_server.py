"""A stand-in for the Hugging Face Hub on this machine: repositories in memory, for the requests
that sending and fetching a folder make."""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlparse

TOKEN = "hf_of_this_test"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What it has: the files of each repository, by its name."""

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    url: str = ""
    refuses: bool = False
    """Whether it takes no files."""


@contextlib.contextmanager
def hub_server() -> Iterator[Hub]:
    """A hub while the block lasts."""
    hub = Hub()

    class Handler(_Handler):
        def __init__(self, *given: Any) -> None:
            self.hub = hub
            super().__init__(*given)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlparse(self.path).path.strip("/").split("/")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(401, {"error": "Invalid username or password."})
        if self.hub.refuses:
            return self.answer(403, {"error": "You have no right to write here."})
        match path:
            case ["api", "repos", "create"]:
                asked = json.loads(body)
                name = f"{asked['organization']}/{asked['name']}"
                self.hub.repositories.setdefault(name, {})
                return self.answer(200, {"url": f"{self.hub.url}/{name}", "name": name})
            case ["api", "models", _, _, "preupload", "main"]:
                files = [
                    {"path": each["path"], "uploadMode": "regular", "shouldIgnore": False}
                    for each in json.loads(body)["files"]
                ]
                return self.answer(200, {"files": files})
            case ["api", "models", owner, name, "commit", "main"]:
                for each in map(json.loads, body.splitlines()):
                    if each["key"] == "file":
                        content = base64.b64decode(each["value"]["content"])
                        self.hub.repositories[f"{owner}/{name}"][each["value"]["path"]] = content
                url = f"{self.hub.url}/{owner}/{name}/commit/{COMMIT}"
                return self.answer(200, {"commitUrl": url, "commitOid": COMMIT})
            case ["api", "validate-yaml"]:
                return self.answer(200, {"errors": [], "warnings": []})
        return self.answer(404, {"error": f"no {self.path}"})

    def do_GET(self) -> None:
        path = urlparse(self.path).path.strip("/").split("/")
        match path:
            case ["api", "models", owner, name, *rest] if (
                f"{owner}/{name}" in self.hub.repositories
            ):
                files = self.hub.repositories[f"{owner}/{name}"]
                if rest and rest[0] == "tree":
                    return self.answer(200, [
                        {"type": "file", "path": file, "size": len(content),
                         "oid": hashlib.sha1(content).hexdigest()}
                        for file, content in files.items()
                    ])  # fmt: skip
                named = [{"rfilename": file} for file in files]
                return self.answer(200, {"id": f"{owner}/{name}", "sha": COMMIT, "siblings": named})
            case [owner, name, "resolve", _, file]:
                if (
                    content := self.hub.repositories.get(f"{owner}/{name}", {}).get(file)
                ) is not None:
                    return self.answer(200, content)
        return self.answer(404, {"error": "Repository not found"}, "RepoNotFound")

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, code: int, content: Any, error: str = "") -> None:
        plain = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(plain)))
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", f'"{hashlib.sha1(plain).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(plain)
