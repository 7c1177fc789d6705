"""Entity resolution: from mentions to clusters of mentions of one thing, by rules that can be read. No I/O."""
