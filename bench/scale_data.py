"""Made-up datasets in the shape of claims, some 165 bytes a quad, shuffled; the same for the same size and share.

Where blank nodes are touched, each is an address: one quad leads to it and one says what it holds.
"""

from __future__ import annotations

import random
from pathlib import Path

_AT_ONCE = 50_000


def write_dataset(path: Path, quads: int, blank_share: float, seed: int = 7) -> None:
    """Writes N-Quads, of which the share touches blank nodes; no line stands twice."""
    generator = random.Random(f"{seed} {quads} {blank_share}")
    numbers = list(range(quads))
    generator.shuffle(numbers)
    linked = int(quads * blank_share) // 2 * 2
    with path.open("w", encoding="utf-8") as stream:
        for at in range(0, quads, _AT_ONCE):
            stream.writelines(_line(number, linked, generator) for number in numbers[at : at + _AT_ONCE])


def _line(number: int, linked: int, generator: random.Random) -> str:
    graph = f"<https://kg.example.org/g/{number * 2_654_435_761 % 2**32 // 64:08x}>"
    subject = f"<https://kg.example.org/entity/{number * 40_503 % 2**32:012x}>"
    if number < linked:
        node = f"_:b{number // 2}"
        if number % 2:
            return f"{subject} <https://schema.example.org/vocab#address> {node} {graph} .\n"
        return f'{node} <https://schema.example.org/vocab#street> "{number} Examplé Street, {number % 97}" {graph} .\n'
    predicate = f"<https://schema.example.org/vocab#property{number % 30:02d}>"
    value = generator.getrandbits(48)
    kind = number % 10
    if kind < 5:
        term = f"<https://kg.example.org/entity/{value:012x}>"
    elif kind < 8:
        term = f'"value é {value:x}"@en'
    else:
        term = f'"{value}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    return f"{subject} {predicate} {term} {graph} .\n"
