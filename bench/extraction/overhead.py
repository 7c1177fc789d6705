"""What extraction costs and what it finds: `python -m bench.extraction.overhead [--model SPEC] [--sections A,B] FILE…`.

Prints each claim with its confidence and sentence, then sentences, calls, tokens, seconds a call, and the overhead of
everything but the model. Seconds of a busy machine say little: the model's processor time stands beside them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.extraction.model_server import cpu_seconds
from extractors.documents.chunks import chunks
from extractors.documents.load import load_document
from extractors.models.local_gguf import LocalGguf
from extractors.models.opening import open_model
from extractors.reading.chat_reader import ChatReader
from extractors.reading.extractor import Extractor
from kg.claims.iris import Mint
from ontology.loader import load


def child_seconds(model: object) -> float:
    """Processor seconds of a local model's process so far, 0 for a server."""
    pid = model.process_id if isinstance(model, LocalGguf) else None
    return 0.0 if pid is None else cpu_seconds(pid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="local:qwen2.5-coder-1.5b")
    parser.add_argument("--ontology", default="ethereum-standards")
    parser.add_argument("--sections", default="")
    parser.add_argument("--rejected", action="store_true", help="print what was not taken, too")
    options = parser.parse_args()
    sections = options.sections.split(",") if options.sections else None

    model = open_model(options.model, allow_packages=True)
    terms = load(options.ontology)
    extractor = Extractor(ChatReader(model, terms), terms, Mint("https://graph.example/"))
    sentences = calls = tokens_in = tokens_out = claims = failed = 0
    asked = 0.0
    first: float | None = None
    begun = time.monotonic()
    for file in options.files:
        document = load_document(file.read_bytes(), name=file.name)
        for chunk in chunks(document, sections=sections):
            result = extractor.extract(document, chunk)
            sentences += len(chunk.sentences)
            calls, asked = calls + result.usage.calls, asked + result.usage.seconds
            tokens_in, tokens_out = tokens_in + result.usage.tokens_in, tokens_out + result.usage.tokens_out
            failed += result.status == "failed"
            if result.usage.calls and first is None:
                first = result.usage.seconds
            if result.usage.calls and not result.claims:
                print(f"{file.stem} none: {' '.join(chunk.sentences[0].text.split())[:200]}")
            for claim in result.claims:
                claims += 1
                said = " ".join(str(term).rpartition("/")[2].rstrip(">") for term in claim.statements[0])
                quote = " ".join(claim.span.quote.split()) if claim.span else ""
                print(f"{file.stem} {claim.confidence} {said} | {quote[:300]}")
            for text, why in result.rejected if options.rejected else ():
                print(f"{file.stem} rejected: {why} | {' '.join(text.split())[:200]}")
            sys.stdout.flush()
    total, cpu = time.monotonic() - begun, child_seconds(model)
    model.close()
    print(
        f"sentences={sentences} calls={calls} failed={failed} claims={claims} "
        f"prompt_tokens={tokens_in} generated_tokens={tokens_out}\n"
        f"wall_s={total:.1f} first_call_s={first or 0:.1f} (loading and the shared part of the prompt) "
        f"other_calls_s={(asked - (first or 0)) / max(calls - 1, 1):.2f} each, model_cpu_s={cpu:.1f}\n"
        f"overhead_ms_per_sentence={(total - asked) / max(sentences, 1) * 1000:.2f} (all but the model)"
    )


if __name__ == "__main__":
    main()
