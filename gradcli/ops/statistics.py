"""Reductions beyond the common ones: medians, nan-aware sums, variance with mean, covariance, counts."""
