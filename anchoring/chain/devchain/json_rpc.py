"""The JSON-RPC 2.0 envelope: from a request's bytes to the answer's bytes, batches included.

Specification: https://www.jsonrpc.org/specification. No byte that comes in raises; it is answered with an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from anchoring.chain.devchain.evm import Refusal
from anchoring.chain.errors import DevChainFailed
from anchoring.encoding.bounded_json import bounded_json

LONGEST_BATCH = 200

Answer = Callable[[str, list[Any]], Any]


def answer_bytes(body: bytes, answer: Answer) -> bytes:
    """The response to one HTTP body; empty when the body holds notifications alone."""
    try:
        request = bounded_json(body)
    except ValueError:
        return _dump(_error(None, -32700, "parse error"))
    if not isinstance(request, list):
        response = answer_request(request, answer)
        return b"" if response is None else _dump(response)
    if not request or len(request) > LONGEST_BATCH:
        return _dump(_error(None, -32600, f"a batch holds 1 to {LONGEST_BATCH} requests, not {len(request)}"))
    responses = [response for one in request if (response := answer_request(one, answer)) is not None]
    return _dump(responses) if responses else b""


def answer_request(request: object, answer: Answer) -> dict[str, Any] | None:
    """The response to one request, None to a notification."""
    if not isinstance(request, dict):
        return _error(None, -32600, "invalid request: no object")
    identifier = request.get("id")
    if identifier is not None and not isinstance(identifier, str | int | float):
        return _error(None, -32600, "invalid request: the id is no string and no number")
    method, parameters = request.get("method"), request.get("params", [])
    if request.get("jsonrpc") != "2.0" or not isinstance(method, str):
        return _error(identifier, -32600, "invalid request: jsonrpc must be 2.0 and method a string")
    if not isinstance(parameters, list):
        return _error(identifier, -32602, "invalid params: no list")
    try:
        response = {"jsonrpc": "2.0", "id": identifier, "result": answer(method, parameters)}
    except Refusal as refusal:
        response = _error(identifier, refusal.code, refusal.message, refusal.data)
    except DevChainFailed as failed:
        response = _error(identifier, -32603, failed.what)
    except Exception as problem:  # noqa: BLE001 - a server answers whatever happens; the client learns the kind alone
        response = _error(identifier, -32603, f"internal error: {type(problem).__name__}")
    return None if "id" not in request else response


def _error(identifier: object, code: int, message: str, data: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identifier, "error": error}


def _dump(response: object) -> bytes:
    return json.dumps(response).encode()
