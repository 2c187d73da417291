"""The operations: primitives with their rules, and the functions composed of them."""
