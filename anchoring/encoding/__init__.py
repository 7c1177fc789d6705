"""Bytes with one form each: CIDs, dag-pb and UnixFS, deterministic CBOR, canonical JSON."""
