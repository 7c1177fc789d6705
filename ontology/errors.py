"""What can go wrong with an ontology: leaves of the tree in `anchoring.errors`."""

from __future__ import annotations

from anchoring.errors import InputRefused, WrongUsage


class OntologyNotFound(WrongUsage):
    """There is no packaged ontology and no file of that name."""

    code = "ontology-not-found"


class OntologyRefused(InputRefused):
    """The file cannot be read as an ontology."""

    code = "ontology-refused"


class ShapesRefused(InputRefused):
    """The SHACL shapes cannot be used."""

    code = "shapes-refused"
