"""Scans along a dim beyond `cumsum`: running products, extremes and logarithms of sums, differences, trapezoids."""
