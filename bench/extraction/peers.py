"""The systems that are compared: each peer in an environment of its own, installed once by the pins beside its adapter.

What installs and what does not is kept with the reason, so that the report can say so.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ADAPTERS = Path(__file__).parent / "adapters"
WIRE = ADAPTERS / "wire.py"
REPOSITORY = Path(__file__).resolve().parents[2]
OWN = (
    *(f"extractors/{part}" for part in ("documents", "document_relations", "mentions", "models", "reading")),
    "ontology",
)
OWN_FILES = (".py", ".json", ".ttl")
INSTALL_SECONDS = 1500


@dataclass(frozen=True, slots=True)
class Peer:
    """A system: the adapter that speaks for it, the form of the model's answers that it reads, what it is called.

    `pins` names the file of its requirements, "" for triplock, which runs in this environment. A `whole` document is
    given to what cuts it by itself, sentence by sentence.
    """

    name: str
    title: str
    adapter: str
    answers: str
    pins: str
    whole: bool = False

    @property
    def sources(self) -> tuple[Path, ...]:
        """What decides its answers, besides the model and the texts: its pins, or the code of this repository."""
        own = (
            path for folder in OWN for path in sorted((REPOSITORY / folder).rglob("*.*")) if path.suffix in OWN_FILES
        )
        more = (ADAPTERS / "requirements" / f"{self.pins}.txt",) if self.pins else tuple(own)
        return (ADAPTERS / self.adapter, WIRE, *more)


PEERS = {
    peer.name: peer
    for peer in (
        Peer("triplock", "triplock", "triplock_adapter.py", "lines", "", whole=True),
        Peer("neo4j-graphrag", "neo4j-graphrag", "neo4j_graphrag_adapter.py", "json", "neo4j-graphrag"),
        Peer("langchain", "LangChain LLMGraphTransformer", "langchain_adapter.py", "json", "langchain"),
        Peer("langextract", "langextract", "langextract_adapter.py", "json", "langextract"),
        Peer("kg-gen", "kg-gen", "kg_gen_adapter.py", "dspy", "kg-gen"),
        Peer("llamaindex", "LlamaIndex SchemaLLMPathExtractor", "llamaindex_adapter.py", "json", "llamaindex"),
        Peer("ontogpt", "OntoGPT SPIRES", "ontogpt_adapter.py", "fields", "ontogpt"),
    )
}


@dataclass(frozen=True, slots=True)
class Installed:
    """The interpreter to run an adapter with, or why there is none."""

    python: str = ""
    failed: str = ""


def install(peer: Peer, cache: Path) -> Installed:
    """The peer's environment under `cache`, made if it is not there; a failed one is tried again the next time."""
    if not peer.pins:
        return Installed(sys.executable)
    pins = ADAPTERS / "requirements" / f"{peer.pins}.txt"
    digest = sha256(pins.read_bytes()).hexdigest()[:12]
    folder = cache / "bench-extraction" / f"{peer.pins}-{digest}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"{peer.name}: installing {pins.read_text().split()}", file=sys.stderr)
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            venv.create(folder, with_pip=True, clear=True)
            command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "-r", str(pins)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            return Installed(failed=f"{type(error).__name__}: {error}"[:300])
        if done.returncode:
            return Installed(failed=" ".join(done.stderr.split())[-300:])
        (folder / "complete").touch()
    return Installed(str(python))
