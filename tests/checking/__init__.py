"""Tests of `gradcli check` and what is behind it."""
