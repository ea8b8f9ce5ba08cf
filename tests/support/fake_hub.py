"""A small Hugging Face Hub on this machine: the parts of its HTTP API that publishing uses.

Repositories live in memory as they would in git: a commit replaces the files as a whole or not at
all.  A repository's owner decides what goes wrong: ``refused/…`` answers 403, ``broken/…`` cuts
the connection while a large file is sent (the first time).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_" + "t" * 34


@dataclass
class Repository:
    private: bool = False
    sdk: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    large: set[str] = field(default_factory=set)
    commits: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeHub

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path).strip("/")
        self.server.requests.append((self.command, path))
        if path.startswith("store/"):
            return self.store(path.removeprefix("store/"), body)
        if self.command not in ("GET", "HEAD"):
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.respond(401, {"error": "Invalid username or password."})
            if "refused/" in path or b'"refused"' in body:
                return self.respond(403, {"error": "Forbidden"})
        return self.route(path.split("/"), body)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815

    def route(self, parts: list[str], body: bytes) -> None:
        if parts == ["api", "validate-yaml"]:
            return self.respond(200, {"errors": [], "warnings": []})
        if parts == ["api", "repos", "create"]:
            return self.create(json.loads(body))
        if parts[-4:] == ["info", "lfs", "objects", "batch"]:
            return self.batch(json.loads(body))
        if parts[0] == "api":
            kind, repo_id, rest = parts[1][:-1], "/".join(parts[2:4]), parts[4:]
        else:  # downloads: NAME/REPO/resolve/REVISION/FILE
            kind, repo_id, rest = "model", "/".join(parts[:2]), parts[2:]
        repository = self.server.repositories.get((kind, repo_id))
        if repository is None:
            return self.respond(401, {"error": "no"}, {"X-Error-Code": "RepoNotFound"})
        what, rest = (rest[0], rest[1:]) if rest else ("revision", [])
        return getattr(self, f"do_{what}")(repo_id, repository, rest, body)

    def create(self, request: dict) -> None:
        kind = request.get("type") or "model"
        repo_id = f"{request['organization']}/{request['name']}"
        url = f"{self.server.url}/{'spaces/' if kind == 'space' else ''}{repo_id}"
        private = request.get("private") or request.get("visibility") == "private"
        if (kind, repo_id) in self.server.repositories:
            return self.respond(409, {"error": "exists", "url": url})
        self.server.repositories[kind, repo_id] = Repository(bool(private), request.get("sdk"))
        return self.respond(200, {"url": url, "name": repo_id})

    def do_preupload(self, repo_id, repository, rest, body) -> None:
        files = []
        for request in json.loads(body)["files"]:
            path = request["path"]
            large = path.endswith(".safetensors")
            oid = digest(repository.files[path], large) if path in repository.files else None
            mode = "lfs" if large else "regular"
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        self.respond(200, {"files": files})

    def batch(self, request: dict) -> None:
        owner = self.path.strip("/").split("/")[0]
        objects = []
        for item in request["objects"]:
            known = item["oid"] in self.server.store
            href = f"{self.server.url}/store/{owner}/{item['oid']}"
            actions = {} if known else {"actions": {"upload": {"href": href}}}
            objects.append({"oid": item["oid"], "size": item["size"], **actions})
        self.respond(200, {"objects": objects, "transfer": "basic"})

    def store(self, path: str, body: bytes) -> None:
        owner, oid = path.split("/")
        if owner == "broken" and not self.server.broke:
            self.server.broke = True
            self.close_connection = True
            self.connection.close()
            return
        assert hashlib.sha256(body).hexdigest() == oid
        self.server.store[oid] = body
        self.respond(200, {})

    def do_commit(self, repo_id, repository, rest, body) -> None:
        files, large = dict(repository.files), set(repository.large)
        for line in body.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.server.store[value["oid"]]
                large.add(value["path"])
            elif operation["key"] == "deletedFile":
                del files[value["path"]]
        oid = hashlib.sha1(body).hexdigest()
        repository.files, repository.large = files, large
        repository.commits.append(oid)
        self.respond(200, {"commitUrl": f"{self.server.url}/{repo_id}", "commitOid": oid})

    def do_tag(self, repo_id, repository, rest, body) -> None:
        repository.tags[json.loads(body)["tag"]] = rest[0]
        self.respond(200, {})

    def do_refs(self, repo_id, repository, rest, body) -> None:
        tags = [
            {"name": name, "ref": f"refs/tags/{name}", "targetCommit": oid}
            for name, oid in repository.tags.items()
        ]
        self.respond(200, {"branches": [], "converts": [], "tags": tags})

    def do_tree(self, repo_id, repository, rest, body) -> None:
        tree = []
        for path, data in repository.files.items():
            entry = {"type": "file", "path": path, "size": len(data), "oid": digest(data, False)}
            if path in repository.large:
                entry["lfs"] = {"oid": digest(data, True), "size": len(data), "pointerSize": 134}
            tree.append(entry)
        self.respond(200, tree)

    def do_revision(self, repo_id, repository, rest, body) -> None:
        oid = repository.commits[-1] if repository.commits else "0" * 40
        if rest and rest[0] in repository.tags:
            oid = repository.tags[rest[0]]
        elif rest and rest[0] not in ("main", *repository.commits):
            return self.respond(404, {"error": "no"}, {"X-Error-Code": "RevisionNotFound"})
        siblings = [{"rfilename": name} for name in repository.files]
        return self.respond(200, {"id": repo_id, "sha": oid, "siblings": siblings})

    def do_resolve(self, repo_id, repository, rest, body) -> None:
        data = repository.files.get("/".join(rest[1:]))
        if data is None:
            return self.respond(404, {"error": "no"}, {"X-Error-Code": "EntryNotFound"})
        commit = repository.commits[-1]
        headers = {"ETag": f'"{digest(data, False)}"', "X-Repo-Commit": commit}
        return self.respond(200, data, headers)

    def respond(self, status: int, content, headers: dict | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_) -> None:
        pass


class FakeHub(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.store: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.broke = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def digest(data: bytes, large: bool) -> str:
    if large:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextlib.contextmanager
def running() -> Iterator[FakeHub]:
    server = FakeHub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
