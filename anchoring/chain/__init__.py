"""The EVM side: registry contract, endpoints, keys, publishing, the embedded chain."""
