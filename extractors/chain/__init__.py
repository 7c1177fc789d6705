"""Claims from EVM chains over JSON-RPC: one file a dataset."""
