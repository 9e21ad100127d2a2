"""`new`: a file to start a derivation of one's own from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from cli.files import Force, may_write, write
from cli.shared import fail

TEMPLATE = '''"""TITLE. Run it: workings derive FILE"""

from engine.author import (
    ArgMin,
    Proof,
    common_factor,
    derivation,
    differentiate,
    gradient,
    hessian,
    insert,
    isolate,
    minimiser,
    norm2,
    nonzero,
    positive,
    separate,
)


@derivation("NAME", title="TITLE", source="")
def FUNCTION(proof: Proof) -> None:
    # The premises: sizes, vectors, matrices, scalars, and what is assumed of them.
    n = proof.size("n")
    x, y, c = proof.vector("x", n), proof.vector("y", n), proof.scalar("c")
    proof.assume(nonzero(x))

    # A named premise: whoever runs this may replace it, with --given 'f = ...'.
    f = proof.given("f", norm2(y - c * x), c)

    # Lines: each `by` adds the line that a rule makes of the last one. `workings explain` lists the rules.
    slope = proof.derive(gradient(f(c), c), "The slope").by(differentiate)
    best = slope.set_to(0, about=c).by(separate(c), common_factor, isolate(c))

    # A sign or a definiteness is read off; what a line needs must follow from the premises.
    bend = proof.derive(hessian(f(c), c), "The curvature").by(insert(slope.step), differentiate)
    convex = proof.shown(positive(hessian(f(c), c)), bend)

    # The result. Nothing is typed in: it is what the lines came to.
    proof.conclude(proof.fact(minimiser(best.step, convex), ArgMin(f(c), c), "The minimum"))

    # What `--depth idea` shows: a sentence, and at most three lines. Left out, the lines are chosen by what leans on what.
    proof.idea("The squares are convex in c, so they are least where their slope is zero.", best, convex)
'''  # noqa: E501, as it is written into a file


def new(
    name: Annotated[str, typer.Argument(help="The derivation's name, such as best-multiple.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="PATH", help="The file; NAME.py unless said.")] = "",
    force: Force = False,
) -> None:
    """Write a commented file to start a derivation of your own from; it runs as it is.

    For instance: workings new best-multiple && workings derive best_multiple.py
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 60:
        fail("a name is of small letters and digits with - between, such as best-multiple")
    path = output or f"{name.replace('-', '_')}.py"
    may_write(path, force)
    title = name.replace("-", " ").capitalize()
    filled = {"TITLE": title, "FILE": Path(path).name, "NAME": name, "FUNCTION": f"derive_{name.replace('-', '_')}"}
    write(path, re.sub("|".join(filled), lambda match: filled[match.group()], TEMPLATE).encode("utf-8"))
    if path != "-":
        print(f"{path} is written: workings derive {path}")
