"""What can go wrong with a query, as leaves of the error tree (`anchoring.errors`)."""

from __future__ import annotations

from anchoring.errors import InputRefused, ServiceFailed, WrongUsage


class QueryRefused(InputRefused):
    """The query is not understood, or it asks for what queries may not do: change the graph, call other servers."""

    code = "query-refused"


class QueryTimedOut(ServiceFailed):
    """The query was ended because it took longer than allowed."""

    code = "query-timed-out"


class QueryFailed(ServiceFailed):
    """The engine broke off: it ran out of memory or could not read the store."""

    code = "query-failed"


class UnknownFormat(WrongUsage):
    """There is no such format for this kind of answer."""

    code = "unknown-format"


class StoreCannotAnswer(WrongUsage):
    """The store has no engine for the language."""

    code = "store-cannot-answer"
