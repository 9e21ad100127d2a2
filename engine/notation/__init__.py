"""How mathematics is written: the alphabet, how things are spelt, plain text and LaTeX."""
