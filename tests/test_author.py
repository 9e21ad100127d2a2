"""What an author imports: one name a rule, and all of them from one place."""

from engine.rules import all_rules, files


def test_a_rule_has_one_name():
    """As it prints, that of its function, with spaces; by it the rule is found in its file."""
    places = [vars(file) for file in files()]
    for name, rule in all_rules().items():
        assert rule.name == name
        assert any(place.get(name.replace(" ", "_")) is rule for place in places), name
        assert not any(
            held is rule and key.replace("_", " ") != name for place in places for key, held in place.items()
        )
