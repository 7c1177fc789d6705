"""The names that `import anchoring` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import anchoring


def test_every_name_of_the_public_face_is_there():
    assert anchoring.__all__ == sorted(anchoring._HOME)
    for name in anchoring.__all__:
        assert getattr(anchoring, name).__module__.startswith("anchoring.")
    assert set(anchoring.__all__) <= set(dir(anchoring))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = anchoring.nothing


def test_importing_everything_of_it_loads_no_chain_library():
    program = (
        "import sys, anchoring; [getattr(anchoring, name) for name in anchoring.__all__];"
        "print([m for m in ('web3', 'polars', 'eth', 'eth_tester', 'eth_account', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
