"""Mistakes that people make, as faulty variants of rules: what is written in place of what the rule would give."""

from engine.grading.misconceptions import algebra, calculus, probability  # each notes its own
