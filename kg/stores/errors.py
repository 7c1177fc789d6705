"""What can go wrong with a store, as leaves of the error tree (`anchoring.errors`)."""

from __future__ import annotations

from anchoring.errors import InputRefused, ServiceFailed, WrongUsage


class StaleGeneration(ServiceFailed):
    """The store moved on: it is not at the generation that the change was made for."""

    code = "stale-generation"


class JournalTruncated(WrongUsage):
    """The changes asked for are no longer in the journal."""

    code = "journal-truncated"


class StoreLocked(ServiceFailed):
    """Another process holds the store."""

    code = "store-locked"


class StoreFailed(ServiceFailed):
    """The store could not write or read: disk full, permissions, input or output."""

    code = "store-failed"


class StoreClosed(WrongUsage):
    """The store was closed before this call."""

    code = "store-closed"


class StoreCorrupt(InputRefused):
    """The files of the store are not what this program wrote."""

    code = "store-corrupt"


class StoreTooNew(WrongUsage):
    """The store was written by a later format than this program knows."""

    code = "store-too-new"


class StatementRefused(InputRefused):
    """The store keeps no such statement: a blank node, an RDF 1.2 term, an RDF term that is out of bounds."""

    code = "statement-refused"


class Neo4jUnreachable(ServiceFailed):
    """No Neo4j server answers at the address, or it stopped answering."""

    code = "neo4j-unreachable"


class Neo4jRefusedLogin(WrongUsage):
    """The server does not know the user or the password."""

    code = "neo4j-refused-login"


class Neo4jTooOld(WrongUsage):
    """The server's version lacks what the mapping needs."""

    code = "neo4j-too-old"


class Neo4jFailed(ServiceFailed):
    """The server answered with an error."""

    code = "neo4j-failed"


class Neo4jTimedOut(Neo4jFailed):
    """The server ended what took longer than the time given."""

    code = "neo4j-timed-out"


class CommitUnknown(ServiceFailed):
    """The connection broke while committing: the change is there whole or not at all, the generation tells."""

    code = "commit-unknown"
