"""What the model's reading has cost so far, from the ledger: in all, by document, by relation, and for one claim.

What a chunk cost is shared equally by its claims. What was spent on chunks without a claim stands under "no relation",
and so does what was spent on passages that are no longer there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.jobs.sources import Spent

if TYPE_CHECKING:
    from kg.workspace.workspace import Workspace

NONE = ""
"""Stands for no relation."""


@dataclass(slots=True)
class Cost:
    """Calls, tokens, seconds and money, and the claims that came of them."""

    claims: int = 0
    calls: int = 0
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    seconds: float = 0.0
    money: float = 0.0

    def add(self, spent: Spent) -> None:
        """Count this, too."""
        self.calls += spent.calls
        self.tokens_in += spent.tokens_in
        self.tokens_out += spent.tokens_out
        self.seconds += spent.seconds
        self.money += spent.money

    def add_part(self, whole: Cost, part: float, claims: int = 0) -> None:
        """Count a part of it, from 0 to 1, that gave so many claims."""
        self.claims += claims
        self.tokens_in += whole.tokens_in * part
        self.tokens_out += whole.tokens_out * part
        self.seconds += whole.seconds * part
        self.money += whole.money * part

    def as_json(self) -> dict[str, object]:
        """Figures for `--json`; those for a claim are None where there is none."""
        tokens = self.tokens_in + self.tokens_out
        each = (lambda amount: amount / self.claims) if self.claims else (lambda amount: None)
        return {
            "claims": self.claims,
            "tokens": {"prompt": round(self.tokens_in), "completion": round(self.tokens_out)},
            "seconds": round(self.seconds, 3),
            "money": self.money,
            "perClaim": {"tokens": each(tokens), "seconds": each(self.seconds), "money": each(self.money)},
        }


@dataclass(frozen=True, slots=True)
class Costs:
    """`documents` by path and CID, `relations` by IRI. `currencies` are those of the money, which is not converted."""

    total: Cost
    documents: dict[tuple[str, str], Cost]
    relations: dict[str, Cost]
    currencies: tuple[str, ...]


def costs(workspace: Workspace) -> Costs:
    """What reading has cost, by what it was for."""
    spent = workspace.sources.spent()
    by_document: dict[str, Cost] = defaultdict(Cost)
    for each in spent:
        by_document[each.source].add(each)
    relations: dict[str, Cost] = defaultdict(Cost)
    shares: dict[str, float] = defaultdict(float)
    for chunk in workspace.sources.chunks():
        whole = by_document[chunk.source]
        tokens, all_tokens = chunk.tokens_in + chunk.tokens_out, whole.tokens_in + whole.tokens_out
        part = min(tokens / all_tokens, 1.0) if all_tokens else 0.0
        claims = 0 if chunk.origin else sum(chunk.relations.values())
        shares[chunk.source] += part if claims else 0.0
        whole.claims += claims
        for relation, count in chunk.relations.items() if claims else ():
            relations[relation].add_part(whole, part * count / claims, count)
    for source, whole in by_document.items():
        relations[NONE].add_part(whole, max(0.0, 1.0 - shares[source]))
    paths = {record.cid: record.path for record in workspace.sources.all()}
    documents = {(paths.get(cid, ""), cid): whole for cid, whole in by_document.items() if whole.calls or whole.claims}
    return Costs(
        _sum(by_document.values()),
        dict(sorted(documents.items())),
        {name: relations[name] for name in sorted(relations) if relations[name].tokens_in or relations[name].claims},
        tuple(sorted({each.currency for each in spent if each.money})),
    )


def _sum(parts: Iterable[Cost]) -> Cost:
    total = Cost()
    for part in parts:
        total.add_part(part, 1.0, part.claims)
        total.calls += part.calls
    return total
