"""What `gradcli functions` and docs/functions.md are made from: the catalogue, its examples and formulas."""
