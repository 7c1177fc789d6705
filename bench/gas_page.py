"""The page docs/gas.md around the figures that bench/gas.py measured."""

from __future__ import annotations

OTHERS = {
    "OriginTrail v8, a publication": 530_000,
    "Ethereum Attestation Service, `attest`": 229_000,
    "Ethereum Attestation Service, `timestamp`": 46_000,
}
"""Whole transactions, as they were measured with those tools' own contracts."""

_TOP = (
    "# What the registry costs",
    "",
    "Gas of whole transactions, the 21,000 that every transaction costs included, as their receipts state it.",
    "`python bench/gas.py --write` measures it on the embedded chain and writes this page.",
    "An anvil beside it must agree within 1 %: its chain id makes other digests, with more or fewer zero bytes.",
    "For much call data [EIP-7623](https://eips.ethereum.org/EIPS/eip-7623) asks a least price of the transaction.",
    "That alone is what a statement's check costs: it grows by 1,280 with each sibling and by 40 with each byte.",
    "A first version costs 17 k more than a later one wherever it stands, since its head takes a new storage slot.",
    "",
    "| what | gas | |",
    "|---|---:|---|",
)
_MIDDLE = (
    "| a statement, asked as a call | 0 | no transaction |",
    "",
    "## Beside others",
    "",
    "| what | gas | beside a first version here | beside a later one |",
    "|---|---:|---:|---:|",
)
_BOTTOM = (
    "",
    "The figures of the others were measured before, with their own contracts, and are not made by this command.",
    "They do not do the same: `timestamp` keeps a time for 32 bytes and knows neither owner nor parent.",
    "OriginTrail's transaction pays for replication by its network too.",
    "",
)


def page(rows: list[tuple[str, int, str]]) -> str:
    """The whole text; the first two rows are a first and a later version by the owner."""
    first, later = rows[0][1], rows[1][1]
    compared = {"triplock, a first version": first, "triplock, a later version": later, **OTHERS}
    return "\n".join(
        (
            *_TOP,
            *(f"| {what} | {gas:,} | {remark} |" for what, gas, remark in rows),
            *_MIDDLE,
            *(f"| {what} | {gas:,} | {gas / first:.1f} × | {gas / later:.1f} × |" for what, gas in compared.items()),
            *_BOTTOM,
        )
    )
