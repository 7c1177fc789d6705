"""One error tree: every error has a code of its own and the exit code of its branch."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator

from anchoring import errors
from anchoring.errors import TriplockError

PACKAGES = ("anchoring", "ontology", "kg", "extractors", "queries")
EXTRAS = {"eth", "eth_tester", "kglite", "neo4j", "spacy", "torch", "transformers", "xllamacpp", "ipfshttpclient"}
BRANCHES = {
    errors.Refuted: 1,
    errors.WrongUsage: 2,
    errors.InputRefused: 3,
    errors.ServiceFailed: 4,
    errors.PartlyDone: 5,
    errors.NotAllChecked: 6,
}


def import_all() -> None:
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            if module.name.endswith("__main__"):
                continue
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as missing:
                if (missing.name or "").partition(".")[0] not in EXTRAS:
                    raise


def all_errors(kind: type[TriplockError] = TriplockError) -> Iterator[type[TriplockError]]:
    for child in kind.__subclasses__():
        if child.__module__.partition(".")[0] in PACKAGES:
            yield child
        yield from all_errors(child)


def test_every_error_has_a_code_of_its_own() -> None:
    import_all()
    by_code = defaultdict(set)
    for kind in {*all_errors()}:
        by_code[kind.code].add(f"{kind.__module__}.{kind.__qualname__}")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code), kind
        assert "code" in vars(kind), f"{kind.__module__}.{kind.__qualname__} has no code of its own"
    assert len(by_code) > 20
    assert {code: kinds for code, kinds in by_code.items() if len(kinds) > 1} == {}


def test_every_error_has_the_exit_code_of_its_branch() -> None:
    import_all()
    for kind in {*all_errors()}:
        branches = [branch for branch in BRANCHES if issubclass(kind, branch)]
        assert len(branches) == 1, f"{kind} stands in {branches}"
        assert kind.exit_code == BRANCHES[branches[0]], kind
        assert kind.__doc__, kind


def test_an_error_says_what_was_wrong_what_to_do_and_whether_to_try_again() -> None:
    refused = errors.ServiceFailed("127.0.0.1:1 refused the connection", remedy="start it")
    assert str(refused) == "127.0.0.1:1 refused the connection; start it; trying again can help"
    assert refused.as_json() == {
        "code": "service-failed",
        "exitCode": 4,
        "what": "127.0.0.1:1 refused the connection",
        "remedy": "start it",
        "retryable": True,
    }
