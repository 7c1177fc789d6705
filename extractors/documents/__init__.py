"""Documents: decoding, front matter, interface declarations, sentences and chunks."""
