"""The claim: its model, its IRIs, its provenance."""
