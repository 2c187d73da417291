"""Speed, measured side by side: `python -m benchmarks` runs every work with gradcli and its peers in turn."""
