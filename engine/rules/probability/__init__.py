"""Means, variances and covariances."""
