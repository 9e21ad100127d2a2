"""What is positive, at most, definite or invertible."""
