"""Language models that answer a chat under a constraint, one file each, and the answers that were kept."""
