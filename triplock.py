"""triplock: knowledge graphs whose every fact has a source and whose every version a stranger can check.

This file re-exports the public interface of the five packages; `python -m triplock` is the command.
"""

from __future__ import annotations

from anchoring.errors import TriplockError

__all__ = ["TriplockError"]
