"""Everything beyond one backward: Taylor series, Jacobians, Hessians, sparsity, products with directions."""
