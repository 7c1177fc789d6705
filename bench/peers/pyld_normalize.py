"""PyLD: the canonical document of a dataset, by the draft before RDFC-1.0, which it has. Prints its SHA-256.

python pyld_normalize.py FILE.nq
"""

import hashlib
import sys
from pathlib import Path

from pyld import jsonld

document = jsonld.normalize(
    Path(sys.argv[1]).read_text("utf-8"),
    {"algorithm": "URDNA2015", "inputFormat": "application/n-quads", "format": "application/n-quads"},
)
print(hashlib.sha256(document.encode()).hexdigest(), "-")
