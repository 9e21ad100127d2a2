"""Export: documents that compile as they are, and files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

import derivations
import workings
from cli.errors import MISUSED, YES
from cli.main import app
from engine.author import derivation, expand
from engine.documents.excerpt import at_depth
from engine.documents.inline import latex_sentence
from engine.documents.latex_document import document, fragment
from engine.documents.typeset import broken, width
from engine.documents.walk import Citations
from engine.kernel import DerivationError
from engine.proofs.depth import Depth
from engine.proofs.derivation import Derivation

runner = CliRunner(env={"COLUMNS": "90"})


def run(*words: str):
    return runner.invoke(app, list(words))


def compiled(tex: str, folder) -> str:
    """What pdflatex says of a document, run twice. In CI a machine without it, or without pgfplots, fails the test."""
    for command in (["pdflatex", "--version"], ["kpsewhich", "pgfplots.sty"]):
        if shutil.which(command[0]) is None or subprocess.run(command, capture_output=True, check=False).returncode:
            if os.environ.get("CI"):
                pytest.fail(f"{command[-1]} is missing")
            pytest.skip(f"{command[-1]} is missing")  # on a user's machine; in CI the line above fails
    (folder / "document.tex").write_text(tex, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "document.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    return done.stdout.decode(errors="replace")


@pytest.mark.parametrize(
    ("bold", "detail", "depth"),
    [(False, False, Depth.FULL), (True, True, Depth.FULL), (False, False, Depth.WORKING), (False, False, Depth.IDEA)],
)
def test_all_derivations_compile_as_one_document_without_a_box_too_wide(bold, detail, depth, tmp_path):
    workings = [at_depth(derivations.load(name).run(), depth) for name in derivations.names()]
    said = compiled(document(workings, bold, detail), tmp_path)
    assert "Output written" in said
    assert re.findall(r"^!.*|Overfull.*|.*undefined.*", said, re.M) == []


@pytest.mark.parametrize("name", derivations.names())
def test_every_line_is_in_the_document_with_its_reason(name):
    working = derivations.load(name).run()
    text = fragment(working)
    assert text.startswith("% needs the packages amsmath, amssymb, amsthm, hyperref")
    assert text.count(r"\begin{align}") == text.count(r"\end{align}")
    for step in working.steps:
        if not step.reason.startswith("insert "):
            assert latex_sentence(Citations(working).sentence(step)) in text
    assert text.count(r"\boxed{") == len(working.results)
    labels, cited = set(re.findall(r"\\label\{(eq:[^}]*)\}", text)), set(re.findall(r"\\eqref\{([^}]*)\}", text))
    assert labels == cited  # only lines that are cited have numbers, and all that are cited have one


@pytest.mark.parametrize(
    ("sentence", "tex"),
    [
        ("collect w", "collect $w$"),
        ("the terms without ε on the right", r"the terms without $\varepsilon $ on the right"),
        ("a constant does not vary", "a constant does not vary"),
        ("`ridge` for d = 1", r"\texttt{ridge} for $d = 1$"),
        ("insert w* = XᵀX", r"insert $w^* = X^\top X$"),
        ("Σ is invertible, and Σ₁", r"$\Sigma $ is invertible, and $\Sigma _{1}$"),
        ("½n ln det Σ + q", r"$\tfrac12 n \operatorname{ln}  \operatorname{det}  \Sigma  + q$"),
        ("(1/B)Σ Var gᵢ", r"$(1/B)\sum  \operatorname{Var}  g_{i}$"),
        ("since Σ_{j=1}^{d} wⱼ = 1", r"since $\sum _{j=1}^{d} w_{j} = 1$"),
    ],
)
def test_mathematics_in_sentences(sentence, tex):
    assert latex_sentence(sentence) == tex


def test_wide_formulas_are_broken_before_signs_outside_of_brackets():
    formula = r"a + \left(b + c\right) + \frac{d + e}{f} + " + "g" * 30
    pieces = broken(formula, 24)
    assert "".join(pieces).replace(" ", "") == formula.replace(" ", "")
    assert all(piece.count(r"\left") == piece.count(r"\right") for piece in pieces)
    assert all(width(piece) <= 24 for piece in pieces[:-1])


def test_a_sum_that_is_too_wide_above_a_line_is_broken_beside_the_fraction():
    formula = r"1 + \frac{a\left(b + c\right) - d}{2}"
    assert broken(formula, 30) == [formula]
    assert "".join(broken(formula, 11)).replace(" ", "") == r"1+\frac{1}{2}\Bigl(a\Bigl(b+c\Bigr)-d\Bigr)"
    assert all(width(piece) <= 11 for piece in broken(formula, 11))
    assert broken(r"\sqrt{\frac{a + b}{c}}", 1) == [r"\sqrt{\frac{a + b}{c}}"]


def test_a_document_of_several_has_a_table_of_contents_and_lemmas_first():
    text = run("export", "fgm-epsilon", "ridge").stdout
    assert r"\tableofcontents" in text
    assert text.index(r"\label{sec:ridge}") < text.index(r"\label{sec:fgm-epsilon}")
    assert r"\hyperref[sec:ridge]" in text
    assert r"\tableofcontents" not in run("export", "ridge").stdout


@pytest.mark.parametrize("name", derivations.names())
def test_markdown_has_every_line_and_its_fences_close(name):
    text = run("export", name, "-f", "markdown", "--depth", "full").stdout
    working = derivations.load(name).run()
    assert text.count("```math") * 2 == text.count("```")
    assert text.count("&&") == len(working.steps)
    assert not re.search(r"\\(operatorname|phantom|mbox)\b", text)  # GitHub refuses these
    assert not re.search(r"\\text\{[^{}]*(\$|\\[a-z])", text)  # and reads no command in the text of a formula
    assert text.count(r"\boxed{") == len(working.results)
    outside = re.sub(r"```.*?```|\$`.*?`\$|`[^`]*`", "", text, flags=re.S)
    assert (
        "\\" not in outside.replace("\\_", "").replace("\\*", "").replace("\\<", "").replace("\\>", "")
        and "$" not in outside
    )


def test_detail_shows_what_happens_inside_a_line_and_what_it_needs():
    for form in ("latex", "markdown"):
        brief, full = (run("export", "ridge", "-f", form, *more).stdout for more in ([], ["--detail"]))
        inside, needed = (" of a product, factor by factor", r"X^\top X + 2\lambda n I \text{ is invertible}")
        assert inside in full and inside not in brief
        assert full.count(needed) > brief.count(needed)


def test_figures_float_and_no_display_begins_a_paragraph():
    """So that no page is left empty before a picture, and no line before a formula."""
    for name in derivations.names():
        for depth in Depth:
            working = at_depth(derivations.load(name).run(), depth)
            text = fragment(working)
            assert text.count(r"\begin{figure}[!htbp]") == text.count(r"\end{figure}") == len(working.figures)
            assert not re.search(r"(\\par|\\end\{sloppypar\}|\\vspace\{[^}]*\})\s*\\begin\{align", text), (name, depth)


def test_conditions_and_evidence_stand_in_a_footnote():
    text = fragment(derivations.load("ridge").run())
    note = text[text.index(r"\footnote{") :]
    assert "25 steps" in note.replace("$", "") and "proved" in note
    assert r"2\lambda n I \text{ is invertible}" in note


def test_a_notebook_shows_terms_steps_and_workings():
    working = derivations.load("ridge").run()
    step = working.results[0].step
    assert step.claim.left._repr_latex_() == r"$\displaystyle (X^\top X + 2\lambda n I)^{-1}X^\top t$"
    assert step._repr_latex_().startswith(r"$\displaystyle (X^\top X")
    assert "<math" in step._repr_html_() and "proved, and seen in" in step._repr_html_()
    for shown in (working, derivations.load("ridge")):
        bundle = shown._repr_mimebundle_(include=None, exclude=None)
        assert bundle["text/plain"].startswith("Ridge regression in closed form") and "\x1b" not in bundle["text/plain"]
        assert bundle["text/html"].startswith("<style>") and bundle["text/html"].endswith("</article>")


def test_json_of_one_and_of_several():
    assert json.loads(run("export", "ridge", "-f", "json").stdout)["schema"] == "workings.derivation/2"
    both = json.loads(run("export", "ridge", "fgm-output", "-f", "json").stdout)
    assert [each["name"] for each in both["derivations"]] == ["fgm-output", "ridge"]


def test_a_file_is_written_whole_and_not_over_another(tmp_path):
    path = tmp_path / "ridge.tex"
    assert run("export", "ridge", "-o", str(path)).exit_code == YES
    before = path.read_text(encoding="utf-8")
    refused = run("export", "fgm-output", "-o", str(path))
    assert refused.exit_code == MISUSED and "--force" in refused.stderr and path.read_text(encoding="utf-8") == before
    assert run("export", "fgm-output", "-o", str(path), "--force").exit_code == YES
    assert "fgm-output" in path.read_text(encoding="utf-8")
    assert [other.name for other in tmp_path.iterdir()] == ["ridge.tex"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export"], "name a derivation, or give --all"),
        (["export", "rigde"], "did you mean ridge?"),
        (["export", "ridge", "-o", "/nowhere/at/all.tex"], "cannot be written: No such file"),
        (["export", "--all", "--given", "g = 1"], "--given replays one derivation"),
        (["export", "ridge", "--all"], "names or --all, not both"),
        (["export", "ridge", "-f", "html", "--fragment"], "for LaTeX alone"),
        (["export", "ridge", "-f", "json", "--detail"], "JSON holds all of it"),
        (["export", "ridge", "-o", ""], "a file's name is missing"),
        (["export", "ridge", "-o", "a" * 300], "File name too long"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(words, message):
    done = run(*words)
    assert (
        done.exit_code == MISUSED
        and message in done.stderr
        and done.stderr.startswith("error: ")
        and done.stderr.count("\n") <= 2
    )


def test_a_replayed_derivation_is_exported():
    text = run("export", "ridge", "--fragment", "--given", "g = ||X w - t||^2 + λ ||w||^2").stdout
    assert r"(X^\top X + \lambda I)^{-1}X^\top t" in text


def test_from_other_premises_nothing_is_said_that_was_said_of_the_authors():
    """A remark, a citation, a measured exponent: each belongs to the premises that it was written for."""
    cube = "ell_N = (N_c/N)^(3 alpha_N)"
    shown = run("export", "compute-optimal-model-size", "--given", cube, "-f", "markdown").stdout
    assert "from another ell_N" in shown and "as measured" not in shown and "Remark" not in shown
    first = next(line for line in shown.splitlines() if r"\text{by the definition of }{\textstyle \ell" in line)
    assert "cited" not in first
    objective = "g = ||X w - t||^2 + lambda ||w||^2"
    assert "The document gives" not in run("export", "ridge", "--given", objective).stdout


def test_a_lemma_is_linked_to_where_it_is_on_the_page():
    for format_, link in (("latex", r"\hyperref[sec:ridge]"), ("html", 'href="#ridge"'), ("markdown", "](#ridge)")):
        assert link not in run("export", "fgm-epsilon", "-f", format_).stdout, format_
        assert link in run("export", "fgm-epsilon", "ridge", "-f", format_).stdout, format_


def test_force_follows_a_link_and_leaves_what_is_no_file(tmp_path):
    target, link = tmp_path / "target.tex", tmp_path / "link.tex"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target.name)
    assert run("export", "fgm-output", "-o", str(link), "--force").exit_code == YES
    assert link.is_symlink() and r"\documentclass" in target.read_text(encoding="utf-8")
    if os.path.exists("/dev/null"):
        assert run("export", "fgm-output", "-o", "/dev/null").exit_code == YES
        assert not os.path.isfile("/dev/null")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_told_in_one_line():
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-c", "from cli.main import main; main()", "export", "ridge"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == MISUSED
    assert done.stderr.strip() == "error: the output cannot be written: No space left on device"


def test_letters_that_are_names_of_points_and_options_are_no_symbols():
    assert latex_sentence("At point B, large batches") == "At point B, large batches"
    assert latex_sentence("C: increase the model size") == "C: increase the model size"
    assert latex_sentence("twice B") == "twice $B$"
    assert latex_sentence("|ab| = |a||b|") == r"$\lvert ab\rvert  = \lvert a\rvert \lvert b\rvert $"
    assert latex_sentence("at B, it costs examples") == "at B, it costs examples"
    assert latex_sentence("the elasticity at B = B_noise") == r"the elasticity at $B = B_{\mathrm{noise}}$"
    assert (
        latex_sentence("efficient: C") == "efficient: C" and latex_sentence("regime at B: flat") == "regime at B: flat"
    )
    assert latex_sentence("B (larger ones) with respect to B (1)") == "B (larger ones) with respect to $B (1)$"
    assert latex_sentence("B_c L^(−1/α) is x") == r"$B_c L^{-1/\alpha }$ is $x$"
    assert latex_sentence("(chance < 10⁻⁸²)") == "(chance $< 10^{-82}$)"


# -- words of other people ---------------------------------------------------------------------------------------------

HOSTILE = (
    r'a < b & \input{/etc/passwd} <script>alert(1)</script> $z$ x} x^ x**2 [n](javascript:) <!-- `c <img src="x"> 5%'
)


@derivation("hostile", title=HOSTILE, source=HOSTILE)
def hostile(proof):
    x = proof.scalar("x")
    line = proof.derive((x + 1) ** 2, HOSTILE).by(expand)
    proof.remark(HOSTILE + "\n\n# " + HOSTILE)
    proof.idea(HOSTILE, line)
    proof.conclude(line, HOSTILE)


class Elements(HTMLParser):
    """The elements of a page, and what stands in comments."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)

    def handle_comment(self, data):
        self.names.add("comment")


def test_words_are_no_markup(tmp_path):
    """In a title, a heading, a remark, an idea and the name of a result: text, whatever it looks like."""
    page = workings.export(hostile.run(), "html")
    assert page.count("script") >= 5 and Elements(page).names.isdisjoint({"script", "img", "comment"})
    page = workings.export(hostile.run(), "markdown")
    assert not re.search(
        r"(?<!\\)<(script|img|!--)|(?m:^# )|(?<!\\)\]\(java|(?<!\\)\$z",
        re.sub(r"```.*?```|(?<!\\)`[^`]*`", "", page, flags=re.S),
    )
    tex = workings.export(hostile.run(), "latex")
    assert r"\input{/" not in tex
    assert "\n! " not in compiled(tex, tmp_path)


@pytest.mark.parametrize("name", ['a"b', "a b", "<b>", "", "../x", "a" * 81])
def test_a_name_is_no_markup(name):
    with pytest.raises(DerivationError, match="letters, digits"):
        Derivation(hostile.function, name, "T", "").run()
