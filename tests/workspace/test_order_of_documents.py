"""The order in which documents are read does not matter: one root, whatever comes first."""

from __future__ import annotations

import random
from pathlib import Path

from model_server import model_server
from thread_places import DOCUMENTS, configuration

from kg.workspace.workspace import Workspace

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


def test_documents_in_any_order_make_one_root(tmp_path: Path, seed: int) -> None:
    files = []
    for number, (title, *said) in enumerate(
        [
            ("Vaults", "ERC-4626 extends ERC-20.", "ERC-4626 requires ERC-2612."),
            ("Permits", "ERC-2612 extends ERC-20.", "ERC-20 requires ERC-165."),
            ("The same again", "ERC-4626 extends ERC-20.", "ERC-2612 extends ERC-20."),
        ]
    ):
        files.append(tmp_path / f"{number}.md")
        files[-1].write_text(f"# {title}\n\n" + "\n\n".join(said) + "\n")
    files += [DOCUMENTS / "erc-4626.md", DOCUMENTS / "erc-20.md"]
    (tmp_path / "facts.ttl").write_text("[] <https://example.org/p> [ <https://example.org/q> 'o' ] .")
    files.append(tmp_path / "facts.ttl")
    for name in ("Uniswap V3", "Uniswap version 3", "Uniswap V3 Protocol"):
        files.append(tmp_path / f"{name}.ttl")
        thing = f"<https://graph.example/entity/{name.lower().replace(' ', '-')}>"
        uses = "<https://example.org/uses> <https://eips.ethereum.org/EIPS/eip-20>"
        files[-1].write_text(f"{thing} a <https://example.org/Protocol> ; {LABEL} '{name}' ; {uses} .")
    orders = [files, files[::-1], random.Random(seed).sample(files, len(files))]
    roots, merged = set(), set()
    with model_server() as server:
        for number, order in enumerate(orders):
            with Workspace.init(tmp_path / f"kg-{number}", configuration()) as workspace:
                for file in order:
                    report = workspace.ingest(file, model=server.model, max_chunks=12)
                    assert report.complete
                assert report.merges is not None
                merged.add(report.merges.merges)
                roots.add(workspace.snapshot().root)
    assert len(roots) == 1
    assert merged == {2}
    assert len(server.asked) > 3 * 4
