"""From a source to claims: documents, language models, chains."""
