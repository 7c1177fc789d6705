"""A signer command for the tests: signs with the key in a file, rightly or wrongly, and notes what it was given.

python signing_program.py KEY-FILE NOTES MODE
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import coincurve

from anchoring.signing.eip712 import keccak

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def address_of(secret: bytes) -> str:
    return "0x" + keccak(coincurve.PrivateKey(secret).public_key.format(compressed=False)[1:])[12:].hex()


def sign(secret: bytes, digest: bytes) -> bytes:
    made = coincurve.PrivateKey(secret).sign_recoverable(digest, hasher=None)
    return made[:64] + bytes([made[64] + 27])


def answer(mode: str, secret: bytes, asked: dict[str, str]) -> str:
    if asked["request"] == "address":
        return json.dumps({"address": address_of(secret)})
    if mode == "address only":
        return "{}"
    digest = bytes.fromhex(asked["digest"][2:])
    if mode == "another digest":
        digest = keccak(digest)
    if mode == "with a prefix":
        digest = keccak(b"\x19Ethereum Signed Message:\n32" + digest)
    made = sign(bytes(31) + b"\x07" if mode == "another key" else secret, digest)
    if mode == "high s":
        s = ORDER - int.from_bytes(made[32:64], "big")
        made = made[:32] + s.to_bytes(32, "big") + bytes([55 - made[64]])
    if mode == "parity":
        made = made[:64] + bytes([made[64] - 27])
    if mode == "short":
        made = made[:64]
    if mode == "zero":
        made = bytes(65)
    return json.dumps({"signature": "0x" + made.hex()})


def main() -> None:
    key_file, notes, mode = sys.argv[1:]
    asked = json.loads(sys.stdin.read())
    with Path(notes).open("a") as file:
        file.write(json.dumps({"asked": asked, "arguments": sys.argv, "environment": dict(os.environ)}) + "\n")
    secret = bytes.fromhex(Path(key_file).read_text().strip())
    if asked["request"] != "address" and mode == "key":
        print(json.dumps({"signature": "0x" + secret.hex()}))
    elif asked["request"] != "address" and mode == "no JSON":
        print(f"signed with {secret.hex()}")
    elif asked["request"] != "address" and mode == "fails":
        sys.exit(3)
    elif asked["request"] != "address" and mode == "hangs":
        time.sleep(60)
    elif asked["request"] != "address" and mode == "endless":
        while True:
            sys.stdout.write("x" * 1000)
    else:
        print(answer(mode, secret, asked))


if __name__ == "__main__":
    main()
