"""JSON from strangers is read by one reader, which bounds its depth; the rest reads what this program itself wrote."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

OWN = {
    "anchoring/encoding/bounded_json.py": "the reader",
    "anchoring/encoding/strict_json.py": "checks the depth first, by the same reader's rule",
    "anchoring/chain/artifact.py": "the contract's artifact in this package",
    "anchoring/chain/devchain/lock.py": "the lock file of the embedded chain, 4 kB at most",
    "anchoring/chain/transport.py": "the request it has just written",
    "extractors/models/answers.py": "answers that this program kept",
    "extractors/models/constraining.py": "what this program found out about servers",
    "extractors/models/encoder_program.py": "requests of its own parent",
    "extractors/models/local_gguf.py": "the first line of its own child",
    "extractors/models/serve_transformers.py": "requests of its own parent",
    "extractors/models/transformers_causal.py": "answers of its own child",
    "extractors/models/transformers_python.py": "versions that its own child found",
    "extractors/models/weights.py": "the progress of a download that this program kept",
    "extractors/models/weights_digest.py": "digests that this program kept",
    "extractors/reading/encoder_reader.py": "answers of its own child",
    "extractors/reading/encoder_training.py": "answers of its own child",
    "kg/jobs/merges.py": "the aliases of a merge in the ledger",
    "kg/jobs/sources.py": "counts of relations in the ledger",
    "kg/workspace/publish.py": "the transaction in the ledger",
    "queries/child.py": "requests of its own parent",
    "queries/sparql.py": "the head of its own child's answer",
}


def test_json_is_parsed_by_the_bounded_reader_or_is_our_own() -> None:
    parsing = {
        path.relative_to(REPOSITORY).as_posix()
        for package in ("anchoring", "extractors", "kg", "ontology", "queries")
        for path in (REPOSITORY / package).rglob("*.py")
        if re.search(r"\bjson\.loads?\(|\.json\(\)|JSONDecoder", path.read_text(encoding="utf-8"))
    }
    assert parsing == set(OWN)
