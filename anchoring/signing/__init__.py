"""What is signed: the graph's id, the manifest, the anchor and its digest, the published directory."""
