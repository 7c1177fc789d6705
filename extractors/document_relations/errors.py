"""What can go wrong with learnt relations: leaves of the tree in `anchoring.errors`."""

from __future__ import annotations

from anchoring.errors import InputRefused, WrongUsage


class RelationUnknown(WrongUsage):
    """The ontology has no such relation, or none whose objects can be found by their names."""

    code = "relation-unknown"


class TrainingRefused(InputRefused):
    """The documents do not show the relation often enough to learn it."""

    code = "training-refused"


class WeightsRefused(InputRefused):
    """The file holds no weights that this version can apply."""

    code = "relation-weights-refused"
