"""The language: from text to a syntax tree, and its interpretation."""
