"""The catalogue, and derivations of one's own: derived, replayed from other premises, written as documents."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import derivations
from engine.common.errors import Misasked, WorkingsError
from workings.premises import Texts, declarations, replacements

if TYPE_CHECKING:
    from engine.proofs.depth import Depth
    from engine.proofs.derivation import Derivation
    from engine.proofs.working import Working

FORMATS = ("latex", "html", "markdown", "json")
NO_PICTURES: Mapping[tuple[str, str], str] = {}


def catalogue() -> tuple[dict[str, Any], ...]:
    """Name, topic, title, source, strength, figures, results and parts of every derivation, in the catalogue's order.

    >>> [entry["name"] for entry in catalogue()][:3]
    ['fgm-output', 'ridge', 'fgm-epsilon']
    """
    return derivations.entries()


def is_catalogued(name: str) -> bool:
    return name in derivations.names()


def known_name(name: str) -> str:
    """The name, if there is a derivation of it: in the catalogue, in a file, or in an installed package.

    Raises Misasked, with the nearest names.
    """
    if is_catalogued(name):
        return name
    from derivations import outside

    if outside.is_file(name):
        return name
    return known(name, [*derivations.names(), *outside.installed()], "derivation", "`workings list`")


def known(name: str, names: Iterable[str], what: str, listed_by: str) -> str:
    """The name, if it is one of the names. Raises Misasked, with the nearest ones."""
    choices = list(names)
    if name in choices:
        return name
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
    near += [choice for choice in choices if len(name) > 2 and name in choice and choice not in near]
    guess = f"did you mean {' or '.join(near[:3])}? " if near else ""
    raise Misasked(f"there is no {what} named {name!r}", f"{guess}{listed_by} shows them all")


def derive(name: str | Derivation, given: Texts = (), let: Texts = ()) -> Working:
    """The working of a derivation, every line certified; replayed where premises are given.

    `name` is of the catalogue, of an installed package, or of a file (`mine.py`, `mine.py:name`). `given` are premises
    of one's own, `g = …` or `xi ~ Normal(0, 2 sigma^2)`, `let` the symbols in them that the derivation does not
    declare.

    Raises Misasked for what there is not, Unreadable for what cannot be read, ShapeError for what does not fit,
    DerivationError where it does not hold (then) and NotDecided where no world can tell.

    >>> print(derive("minibatch-variance", given="epsilon ~ Uniform(-sigma, sigma)").result)
    Var(g_B) = σ²/(3B)
    """
    from engine.kernel import DerivationError, NotDecided
    from engine.proofs.derivation import UnknownPremise
    from engine.terms import ShapeError

    derivation = derivations.load(known_name(name)) if isinstance(name, str) else name
    called = name if isinstance(name, str) else name.name
    replaced = replacements(given, let)
    own = isinstance(name, str) and not is_catalogued(name)
    try:
        working = derivation.replay(**replaced) if replaced else derivation.run()
    except UnknownPremise:
        raise
    except NotDecided as error:
        raise _about(error, f"{called} is not decided", called, own) from None
    except ShapeError as error:
        raise _about(error, f"{called} does not fit the premise given" if replaced else "", called, own) from None
    except DerivationError as error:
        where = " from the premise given" if replaced else ""
        raise _about(error, f"{called} does not hold{where}", called, own) from None
    except WorkingsError:
        raise
    except Exception as error:
        if not own:
            raise
        from derivations.outside import Unusable, told

        raise Unusable(told(error, called)) from error
    check_declared(working, let)
    return working


def _about(error: WorkingsError, what: str, name: str, own: bool) -> WorkingsError:
    """The same error, with what it says this of; of somebody's own file, with the line."""
    from derivations.outside import told

    said = told(error, name) if own else str(error)
    error.args = (f"{what}: {said}" if what else said,)
    return error


def export(
    workings: str | Working | Iterable[str | Working],
    format: str = "latex",
    *,
    depth: Depth | None = None,
    detail: bool = False,
    fragment: bool = False,
    bold: bool = False,
    pictures: Mapping[tuple[str, str], str] = NO_PICTURES,
) -> str:
    """Workings as one document: `latex`, `html`, `markdown` or `json`.

    `depth` is how much is shown (what is usual for each, where nothing is said; of JSON, all), `detail` shows what is
    inside each line. For LaTeX, `fragment` leaves out the preamble, `bold` writes vectors and matrices in bold.
    `pictures` are the files, by names of working and figure, that Markdown links to. Raises Misasked for options that
    contradict each other.
    """
    check_options(format, fragment, bold, detail, depth)
    several = [workings] if isinstance(workings, str) or not isinstance(workings, Iterable) else list(workings)
    whole = [derive(each) if isinstance(each, str) else each for each in several]
    pages = [shown(working, depth, full=detail or format == "json") for working in whole]
    if format == "json":
        from engine.documents.structured import collected

        return json.dumps(collected(pages), ensure_ascii=False, indent=2) + "\n"
    if format == "html":
        from engine.documents.html import page

        return page(pages, detail)
    if format == "markdown":
        from engine.documents.markdown import markdown

        return markdown(pages, detail, pictures)
    from engine.documents import latex_document

    if fragment:
        names = {working.name for working in pages}
        return "\n".join(latex_document.fragment(working, bold, detail, names) for working in pages)
    return latex_document.document(pages, bold, detail)


def shown(working: Working, depth: Depth | None, full: bool) -> Working:
    """As much of a working as is asked for; where nothing is, as is usual, or all of it."""
    from engine.documents.excerpt import at_depth, usual_depth
    from engine.proofs.depth import Depth

    return at_depth(working, depth or (Depth.FULL if full else usual_depth(working)))


def check_declared(working: Working, let: Texts) -> None:
    """Raises Misasked for a symbol that is declared for the premises given, where none of them speaks of it."""
    if not let:
        return
    from engine.reading.declarations import declared

    spoken_of = {symbol.name for symbol in working.premises.spoken_of}
    law = {d.symbol.name for d in working.premises.declarations if d.law is not None}
    for declaration in declared(declarations(let)):
        name = declaration.symbol.name
        if name not in spoken_of | law:
            raise Misasked(f"--let declares {declaration.symbol}, and no premise speaks of it")


def check_options(format: str, fragment: bool, bold: bool, detail: bool, depth: Depth | None) -> None:
    """Raises Misasked where a format does not take an option, or options contradict each other."""
    if format not in FORMATS:
        raise Misasked(f"there is no format {format!r}", f"one of {', '.join(FORMATS)}")
    if format != "latex" and (fragment or bold):
        raise Misasked("--fragment and --bold are for LaTeX alone")
    if format == "json" and detail:
        raise Misasked("--detail is for pages that people read: JSON holds all of it")
    check_depth(detail, depth)


def check_depth(detail: bool, depth: Depth | None) -> None:
    """Raises Misasked where what is inside of lines is to be shown that are not."""
    if detail and depth is not None and depth.value != "full":
        raise Misasked(f"--detail shows what is inside of every line, and --depth {depth} does not show every line")
