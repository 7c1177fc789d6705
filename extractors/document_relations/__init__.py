"""Relations of a document's own subject that the whole document supports: learned from headers, read from bodies."""
