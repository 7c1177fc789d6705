"""A local GGUF model in a process of its own: `python -m extractors.models.serve MODEL.gguf THREADS CONTEXT [FOLDER]`.

What it has evaluated can be saved in the folder and restored from it, where one is given.

Answers do not depend on what was asked before: a prompt is evaluated by the same sums whatever of it is known already,
but for a prompt of which all but a few tokens are known, which `extractors.models.last_prompt` avoids. Repacked weights
and flash attention have other sums where other numbers of tokens are evaluated together, so they are off; a batch holds
a whole prompt; no prompts are kept in memory beside the last.

Speaks the OpenAI API on a free port of the loopback interface. Reads one line from standard input, the key that its
caller will show, writes one line of JSON to standard output, its address and the runtime's version, and ends when
standard input closes, so it never outlives its caller. A crash of the runtime, or a Ctrl-C meant for the caller, ends
at most this process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import metadata

BATCH = 2048
"""Tokens evaluated at once; no more than that is asked in practice."""


def main(arguments: list[str]) -> int:
    """Serves until standard input closes; 3 if the model cannot be loaded, 2 if the runtime is not installed."""
    path, threads, context = arguments[0], int(arguments[1]), int(arguments[2])
    folder = arguments[3] if len(arguments) > 3 else ""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    key = sys.stdin.readline().strip()
    answers = os.dup(1)
    os.dup2(2, 1)  # the runtime writes its own talk to standard output
    try:
        import xllamacpp
    except ImportError:
        return 2
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_ctx = context
    params.n_parallel = 1
    params.ui = False
    params.verbosity = -1
    params.no_extra_bufts = True
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.n_batch = params.n_ubatch = min(context, BATCH)
    params.cache_ram_mib = 0
    if folder:
        params.slot_save_path = folder.rstrip("/") + "/"
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        os.write(2, f"{error}\n".encode())
        return 3
    started = {"url": server.listening_address, "runtime": f"xllamacpp {metadata.version('xllamacpp')}"}
    os.write(answers, json.dumps(started).encode() + b"\n")
    while sys.stdin.readline():
        pass
    # The runtime's threads may still answer; nothing is on disk that an abrupt end could harm.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
