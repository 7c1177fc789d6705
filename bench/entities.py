"""What entity resolution costs, and how the cost grows: `python bench/entities.py [--mentions 100000 1000000]`.

Made-up mentions in documents of fifty: every name has two to six spellings, one in ten a look-alike version or ticker,
each mention a node of its own, which is the worst case. CPU seconds, because the machine may be busy.
Beside it: sorting the same strings, which is the least that any resolver has to do, and comparing all pairs of names
by edit distance (rapidfuzz, where it is installed), which is what resolvers without blocking do.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import time
from collections.abc import Callable, Iterator

from extractors.entities.model import Mention
from extractors.entities.resolve import resolve

NS = "https://example.org/ns#"
KINDS = ("Protocol", "Token", "Company", "Person", "Standard")
SYLLABLES = (
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su",
    "ta", "ve", "wi", "xo", "yu", "za", "bri", "cla", "dro", "fle", "gri", "plo", "sta", "tre",
)  # fmt: skip
PER_DOCUMENT = 50


def made(count: int, seed: int = 7) -> Iterator[Mention]:
    """`count` mentions; the same for the same seed."""
    rng = random.Random(seed)
    names = [_name(rng) for _ in range(max(10, count // 8))]
    for number in range(count):
        kind, name = names[min(int(rng.expovariate(4 / len(names))), len(names) - 1)]
        source = f"ipfs://document-{number // PER_DOCUMENT}"
        context = (f"eip155:{rng.randrange(1, 40)}",) if rng.random() < 0.3 else ()
        text = _spelling(name, kind, rng)
        yield Mention(f"n{number:08}", text, source, number, number + len(text), (NS + kind,), (), context)


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.randrange(2, 4))).capitalize()


def _name(rng: random.Random) -> tuple[str, str]:
    kind = rng.choice(KINDS)
    if kind == "Token":
        return kind, _word(rng)[:5].upper()
    if kind == "Standard":
        return kind, f"ERC-{rng.randrange(1, 20_000)}"
    words = " ".join(_word(rng) for _ in range(rng.randrange(1, 4)))
    return kind, f"{words} V{rng.randrange(1, 5)}" if kind == "Protocol" else words


def _spelling(name: str, kind: str, rng: random.Random) -> str:
    choice = rng.randrange(6)
    if choice == 0:
        return name.upper()
    if choice == 1:
        return f"{name} {kind}"
    if choice == 2:
        return name.replace("-", " ")
    if choice == 3 and kind == "Company":
        return f"{name}, {rng.choice(('Inc.', 'Ltd', 'GmbH'))}"
    return name.replace("a", "\u0430", 1) if rng.random() < 0.01 else name


def cpu(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--pairs", type=int, default=5_000, help="Names of which all pairs are compared.")
    given = parser.parse_args()
    measured: list[tuple[int, float]] = []
    for count in given.mentions:
        mentions = list(made(count))
        found = []
        seconds = cpu(lambda: found.append(resolve(mentions)))  # noqa: B023 - called at once
        ordered = cpu(lambda: sorted(m.text for m in mentions))  # noqa: B023 - called at once
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        measured.append((count, seconds))
        merges, refused = len(found[0].merges), len(found[0].refused)
        print(
            f"{count:>9,} mentions  {seconds:7.1f} CPU s  {seconds / count * 1e6:6.1f} µs a mention  "
            f"{seconds / ordered:5.0f} × sorting  {memory:5.2f} GiB  {merges:,} merges, {refused:,} refused"
        )
    if len(measured) > 1:
        (one, first), (two, last) = measured[0], measured[-1]
        print(f"growth: mentions × {two / one:.0f}, time × {last / first:.1f}, exponent {_exponent(measured):.2f}")
    _all_pairs(given.pairs, measured[-1])


def _exponent(measured: list[tuple[int, float]]) -> float:
    (one, first), (two, last) = measured[0], measured[-1]
    return math.log(last / first) / math.log(two / one)


def _all_pairs(count: int, largest: tuple[int, float]) -> None:
    try:
        from rapidfuzz import fuzz, process
    except ImportError:
        print("all pairs: rapidfuzz is not installed")
        return
    names = [mention.text for mention in made(count)]
    seconds = cpu(lambda: process.cdist(names, names, scorer=fuzz.WRatio, workers=1))
    at_scale = seconds * (largest[0] / count) ** 2
    print(
        f"all pairs of {count:,} names by rapidfuzz: {seconds:.1f} CPU s; of {largest[0]:,} that is "
        f"{at_scale / 3600:,.0f} hours, {at_scale / largest[1]:,.0f} × as long"
    )


if __name__ == "__main__":
    main()
