"""triplock and its peers extracting from the same sentences, on the same local model, through one counting proxy."""
