"""The proof engine: terms, premises, rules and the kernel that certifies what rules compute."""
