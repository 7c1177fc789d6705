"""Where blocks are kept and fetched from."""
