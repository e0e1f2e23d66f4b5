"""What the phases of cases cost."""

from bench.context import Cost, costs


def test_costs_fold_phases_into_cases() -> None:
    """A case has one setup and one teardown; the order of the cases stays."""
    lines = [
        '{"case": "b", "phase": "setup", "seconds": 0.5}',
        '{"case": "b", "phase": "call", "seconds": 9.0}',
        '{"case": "b", "phase": "teardown", "seconds": 0.25}',
        '{"case": "a", "phase": "setup", "seconds": 0.125}',
        '{"case": "a", "phase": "teardown", "seconds": 0.0}',
    ]
    assert costs(lines) == [Cost(0.5, 0.25), Cost(0.125, 0.0)]
