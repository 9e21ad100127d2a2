"""Scalars, vectors and matrices: names, products, sums, equations."""
