"""What in a sentence can be subject or object of a relation: spans, their shapes, the classes they may belong to."""
