"""How good an extraction is: scores against labelled text, how far confidences can be trusted, and intervals."""
