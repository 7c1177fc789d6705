"""A workspace whose reader is the linguistic one: no model, no calls, claims with their evidence."""

from __future__ import annotations

from pathlib import Path

from kg.workspace.configuration import Configuration, ModelSettings
from kg.workspace.plan import plan
from kg.workspace.reader import open_dry_run, open_extractor
from kg.workspace.workspace import Workspace

TEXT = "# Notes\n\nThis EIP extends [ERC-20](./eip-20.md). It does not require ERC-165.\n"


def test_a_workspace_reads_prose_without_a_model(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("---\neip: 777\ntitle: T\n---\n" + TEXT)
    with Workspace.init(tmp_path / "kg", Configuration(model=ModelSettings(use="linguistic", weights=()))) as workspace:
        with open_dry_run(workspace) as dry:
            planned = plan(workspace, [notes], dry=dry)
        assert planned.asked == planned.tokens_in == 0
        report = workspace.ingest(notes)
        assert (report.calls, report.tokens_in, report.claims_inferred) == (0, 0, 1)
        with open_extractor(workspace) as extractor:
            assert extractor is not None
            assert dict(extractor.agent.parameters)["reader"].startswith("linguistic")
        again = workspace.ingest(notes)
        assert again.claims_inferred == 0
