"""What somebody asks of a formula of their own: its gradient, Hessian, Jacobian. The answer is a working like any
other.
"""
