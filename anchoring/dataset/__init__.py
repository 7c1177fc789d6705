"""What a dataset is committed to by: the cut into blocks, two trees, the file; built, updated, compared."""
