"""The author's verbs, the working that they write, and that it holds together."""
