"""The connection to a Neo4j server, and its errors in ours.

https://neo4j.com/docs/api/python-driver/current/api.html#errors
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anchoring.errors import MissingExtra, WrongUsage
from kg.stores.errors import CommitUnknown, Neo4jFailed, Neo4jRefusedLogin, Neo4jTimedOut, Neo4jTooOld, Neo4jUnreachable

if TYPE_CHECKING:
    from neo4j import Driver

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
OLDEST = (5, 26)
"""Dynamic labels came with 5.24; 5.26 is the long-term release that the tests run."""


@contextmanager
def mapped(url: str, *, transient: bool = True) -> Iterator[None]:
    """Turn the driver's errors into ours; none of them shows the password.

    Without `transient` what the server says may be tried again goes through as it is.
    """
    from neo4j import exceptions as e

    try:
        yield
    except e.IncompleteCommit as error:
        raise CommitUnknown(
            f"the connection to {url} broke while committing: {error}", remedy="compare the generation, then go on"
        ) from None
    except (e.AuthError, e.AuthConfigurationError) as error:
        raise Neo4jRefusedLogin(f"{url} refuses the login: {error.message}", remedy="check user and password") from None
    except e.ConfigurationError as error:
        raise WrongUsage(f"{url} is no address of a Neo4j server: {error}", remedy="bolt://HOST:PORT") from None
    except (e.ServiceUnavailable, e.SessionExpired, OSError) as error:
        raise Neo4jUnreachable(
            f"no Neo4j server answers at {url}: {error}", remedy="start it, or run: scripts/services up neo4j"
        ) from None
    except e.Neo4jError as error:
        if not transient and error.is_retryable():
            raise
        if (error.code or "").endswith((".TransactionTimedOut", ".LockClientStopped")):
            raise Neo4jTimedOut(
                f"{url} ended what ran longer than the time given: {error.code}",
                remedy="give more time, or ask for less",
            ) from None
        raise Neo4jFailed(f"{url}: {error.code}: {error.message}", remedy="see the server's log") from None
    except e.DriverError as error:
        raise Neo4jFailed(f"{url}: {error}", remedy="open the store again") from None


def connect(url: str, auth: tuple[str, str], *, timeout: float = 15.0) -> Driver:
    """A driver that has reached the server; `timeout` in seconds.

    Raises MissingExtra, Neo4jUnreachable, Neo4jRefusedLogin, Neo4jTooOld, WrongUsage.
    """
    try:
        import neo4j
    except ImportError:
        raise MissingExtra("the Neo4j store", extra="neo4j") from None
    if url.partition("://")[0] not in SCHEMES:
        raise WrongUsage(f"{url!r} is no address of a Neo4j server", remedy="write bolt://HOST:PORT")
    with mapped(url):
        try:
            driver = neo4j.GraphDatabase.driver(
                url,
                auth=auth,
                connection_timeout=timeout,
                max_transaction_retry_time=timeout,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                user_agent="triplock",
            )
        except ValueError as error:
            raise WrongUsage(f"{url!r} is no address of a Neo4j server: {error}", remedy="bolt://HOST:PORT") from None
        try:
            agent = driver.get_server_info().agent
        except BaseException:
            driver.close()
            raise
    version = agent.rpartition("/")[2]
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        driver.close()
        raise Neo4jTooOld(f"{url} runs Neo4j {version}", remedy="use Neo4j 5.26 or newer")
    return driver
