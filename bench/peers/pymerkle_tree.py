"""pymerkle: the tree of RFC 9162 over the lines of a canonical document. Prints its SHA-256, and the root.

python pymerkle_tree.py FILE.nq
"""

import hashlib
import sys
from pathlib import Path

from pymerkle import InmemoryTree

text = Path(sys.argv[1]).read_bytes()
tree = InmemoryTree()
for line in text[:-1].split(b"\n"):
    tree.append_entry(line)
print(hashlib.sha256(text).hexdigest(), tree.get_state().hex())
