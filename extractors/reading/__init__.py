"""From sentences to claims: readers that find relations, one protocol for all, and what is made of their findings."""
