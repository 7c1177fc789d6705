"""The process that a query with a time limit runs in: reads a request, writes the answer (`queries.sparql`)."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import BinaryIO

import pyoxigraph
from pyoxigraph import RdfFormat, parse

from queries.errors import QueryFailed, QueryRefused
from queries.results import Result, Solutions, Triples, Truth
from queries.sparql import Constant, Part, evaluate


def main(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request."""
    request = json.loads(requests.read())
    least = Decimal(request["least"]) if request["least"] else None
    part = Part(request["trust"], least, request["merged"])
    store = part.of(pyoxigraph.Store.read_only(request["folder"]))
    bound = {name: _term(text) for name, text in request["substitutions"].items()}
    try:
        result = evaluate(store, request["query"], bound, request["limit"], union=part.is_whole)
    except QueryRefused as error:
        _head(answers, {"refused": error.what, "remedy": error.remedy})
    except QueryFailed as error:
        _head(answers, {"failed": error.what, "remedy": error.remedy})
    else:
        _write(result, answers)


def _term(text: str) -> Constant:
    quad = next(iter(parse(f"<x:> <x:> {text} .".encode(), format=RdfFormat.N_TRIPLES)))
    term: Constant = quad.object
    return term


def _head(answers: BinaryIO, head: dict[str, object]) -> None:
    answers.write(json.dumps(head).encode() + b"\n")


def _write(result: Result, answers: BinaryIO) -> None:
    if isinstance(result, Truth):
        _head(answers, {"truth": result.value})
    elif isinstance(result, Triples):
        _head(answers, {"form": "triples", "truncated": result.truncated})
        answers.writelines(f"{triple} .\n".encode() for triple in result.triples)
    elif isinstance(result, Solutions):
        head = {"form": "solutions", "variables": result.variables, "rows": len(result.rows)}
        _head(answers, {**head, "truncated": result.truncated})
        for row in result.rows:
            answers.writelines(
                b"<x:> <urn:x:none> <x:> .\n" if term is None else f"<x:> <urn:x:> {term} .\n".encode() for term in row
            )


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
