"""The engine: from nodes to arrays."""
