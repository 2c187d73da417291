"""Graphs as data, laid out and drawn."""
