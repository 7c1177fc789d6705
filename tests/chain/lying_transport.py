"""A transport that changes what a node answers, as told by a seed: wrong, missing, absurd, of another kind."""

from __future__ import annotations

import copy
import random
from collections import Counter
from typing import Any

from anchoring.chain.transport import Transport

_ODD: list[Any] = [None, "0x", "0x0", "0x1", "0x" + "ff" * 32, "latest", -1, 7, True, [], {}, "", "0x" + "00" * 32]


def changed(value: Any, chance: random.Random) -> Any:
    """One change somewhere in the value."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {key: each for key, each in value.items() if key != name}
        return {**value, name: changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        kind = chance.randrange(4)
        if kind == 0:
            return value[:place] + value[place + 1 :]
        if kind == 1:
            return [*value, value[place]]
        return [*value[:place], changed(value[place], chance), *value[place + 1 :]]
    if isinstance(value, str) and value.startswith("0x") and len(value) > 2 and chance.random() < 0.8:
        place = chance.randrange(2, len(value))
        return value[:place] + chance.choice("0123456789abcdef") + value[place + 1 :]
    return chance.choice(_ODD)


class Lying:
    """Changes each answer with the probability `often`; `lies` counts by method. Implements Transport."""

    def __init__(self, honest: Transport, chance: random.Random, often: float) -> None:
        self.name = "liar"
        self.honest, self.chance, self.often = honest, chance, often
        self.lies: Counter[str] = Counter()

    def make_request(self, method: Any, params: Any) -> Any:
        response = self.honest.make_request(method, copy.deepcopy(params))
        if self.chance.random() >= self.often or not isinstance(response, dict):
            return response
        self.lies[method] += 1
        if "result" not in response or self.chance.random() < 0.05:
            return self.chance.choice([{}, {"result": None}, {"error": {"code": -32000, "message": "no"}}, [], "x"])
        return {**response, "result": changed(response["result"], self.chance)}
