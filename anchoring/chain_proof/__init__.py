"""The chain's own proof of a version: header, receipt and state, checked with nothing but block hashes."""
