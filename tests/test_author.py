"""What an author imports: one name a rule, and all of them from one place."""

import ast
import inspect
import json
from pathlib import Path
from types import ModuleType

from typer.testing import CliRunner

import engine.author
from cli.main import app
from engine import terms
from engine.rules import all_rules, files
from engine.terms import declarations, formulas, laws

# What rules and printers ask of terms, and the authors of derivations do not.
MACHINERY = {
    *("INDEXED", "SCALAR", "add_entrywise", "filled", "fresh_indices", "is_zero", "product_of_sizes"),
    *("replace", "rewrite", "runs", "scaled", "show_shape"),
}
OFFERED = vars(engine.author)


def test_a_rule_has_one_name():
    """As it prints, that of its function, with spaces; by it the rule is found in its file."""
    places = [vars(file) for file in files()]
    for name, rule in all_rules().items():
        assert rule.name == name
        assert any(place.get(name.replace(" ", "_")) is rule for place in places), name
        assert {key for place in places for key, held in place.items() if held is rule} == {name.replace(" ", "_")}


def test_an_author_can_import_every_rule():
    assert {name for name, rule in all_rules().items() if OFFERED.get(name.replace(" ", "_")) is not rule} == set()


def test_an_author_can_import_every_law_domain_and_formula():
    kinds = {name: law for name, law in vars(laws).items() if isinstance(law, type) and issubclass(law, laws.Law)}
    domains = {name: each for name, each in vars(declarations).items() if isinstance(each, declarations.Domain)}
    made = {
        name: each
        for name, each in public(formulas).items()
        if inspect.isfunction(each) and each.__module__ == formulas.__name__
    }
    for name, each in (kinds | domains | made).items():
        assert OFFERED.get(name) is each, name


def test_an_author_can_import_every_term():
    every = {name: each for name, each in public(terms).items() if not inspect.ismodule(each)}
    assert set(every) >= MACHINERY
    assert {name for name, each in every.items() if OFFERED.get(name) is not each} == MACHINERY


def public(module: ModuleType) -> dict[str, object]:
    return {name: each for name, each in vars(module).items() if not name.startswith("_")}


def test_the_names_stand_in_order_and_are_handed_on():
    imports = [
        node for node in ast.parse(Path(engine.author.__file__).read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    assert [node.module for node in imports] == sorted(node.module for node in imports)
    for node in imports:
        names = [each.name for each in node.names]
        assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name)), node.module
        assert all(each.asname is None for each in node.names), node.module


def test_explain_says_how_a_rule_is_imported():
    line, words = "from engine.author import limit_of_power", ["explain", "limit of power"]
    assert f"import      {line}\n" in CliRunner().invoke(app, words).stdout
    assert json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["rules"][0]["import"] == line
