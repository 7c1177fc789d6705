"""Fuzzes one target with atheris; the arguments are the target's name and then libFuzzer's own.

    python tests/fuzz/fuzz_target.py cbor CORPUS_FOLDER -max_total_time=60

Started by scripts/fuzz.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent))

with atheris.instrument_imports(include=["anchoring", "targets"]):
    import targets


def main() -> None:
    """Runs until libFuzzer ends."""
    name = sys.argv.pop(1)
    # libFuzzer starts the program again, through a shell, where it minimises a corpus.
    sys.argv[0] = shlex.join([sys.executable, __file__, name])

    def one(data: bytes) -> None:
        targets.run(name, data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
