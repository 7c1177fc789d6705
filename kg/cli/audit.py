"""`triplock audit`: what convicts whoever signed a version."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anchoring.errors import NotAllChecked, Refuted
from kg.cli.files import written
from kg.cli.output import Output, pass_output
from kg.cli.places import opened_versions, places_of, places_options

if TYPE_CHECKING:
    from kg.workspace.auditing import AuditReport


@click.command(short_help="Read a version in full and prove fraud where there is any.")
@click.argument("name", metavar="VERSION")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), default=None, help="Write the proof here.")
@click.option(
    "--proof", "proofs", multiple=True, type=click.Path(dir_okay=False, path_type=Path), help="A proof of the version."
)
@click.option(
    "--index",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="The list of its entries, 81 bytes each, where somebody kept it.",
)
@places_options
@pass_output
def audit(
    output: Output,
    /,
    name: str,
    target: Path | None,
    proofs: tuple[Path, ...],
    index: Path | None,
    **places: Any,
) -> int:
    """Read every block of a version and find what convicts whoever signed it.

    VERSION is a number, the CID of a manifest or directory, a CAR file, or a folder with the version's data.nq,
    manifest.json and signature.json. What is found can be shown to anybody as a
    fraud proof, which `triplock verify --fraud FILE --graph ID` checks: two lines out of order (F1), a line that is
    none (F2), a block that is not what its entry says (F3), entries that disagree (F4), another file (F5), another
    cut (F6). Proofs of the version that contradict each other (--proof) convict, too.

    Exit code 0: nothing convicts, and all was read. 1: something does, or the version is none.
    6: nothing does, but not all could be read.
    """
    from kg.workspace.auditing import audit_folder, audit_named

    if Path(name).is_dir():
        report = audit_folder(Path(name), index=index, proofs=proofs)
    else:
        with ExitStack() as stack:
            (version,) = opened_versions(output, stack, (name,), places_of(**places))
            report = audit_named(version, index=index, proofs=proofs)
    chosen = next(iter(sorted(report.proofs)), None)
    if target and chosen:
        with written(target) as stream:
            stream.write(report.proofs[chosen].encode())
    file = target if chosen else None
    _show(output, report, file, chosen)
    if report.result.found or not (report.result.explained or report.result.unread):
        return Refuted.exit_code
    return NotAllChecked.exit_code if report.result.unread else 0


def _show(output: Output, report: AuditReport, file: Path | None, chosen: str | None) -> None:
    result, manifest, said = report.result, report.manifest, report.said()
    document = {
        "graph": str(manifest.graph),
        "version": manifest.version,
        "root": f"0x{manifest.root.hex()}",
        "manifest": str(manifest.block.cid),
        "signer": report.signer or None,
        "entries": result.entries or None,
        "found": said,
        "unread": result.unread or None,
        "file": str(file) if file else None,
        "kind": chosen if file else None,
    }
    lines = [f"{kind}  {text}" for kind, text in said.items()]
    if not said and result.unread:
        lines.append(f"nothing convicts, but not all could be read: {result.unread}")
    elif not said and not result.explained:
        lines.append(
            "NO: what is served does not lead to the root that was signed, and nothing at hand shows why; "
            "with the list of entries (--index) or proofs (--proof) it may be shown"
        )
    elif not said:
        lines.append(f"nothing convicts: all {manifest.quads} statements in {manifest.blocks} blocks were read")
    else:
        lines.append(f"signed by {report.signer or 'nobody whose signature is at hand'}")
    if file:
        lines.append(f"written to {file}")
    output.result(document, "\n".join(lines))
    if file:
        output.say(f"check it with: triplock verify --fraud {file} --graph {manifest.graph}")
    elif said and not report.signer:
        output.say("without the version's signature no fraud proof can be made: name its directory with --directory")
