"""Sentences as trees of words, and what fills the places around a word: by spaCy, without a language model."""
