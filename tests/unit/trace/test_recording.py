"""What a trace keeps: repeated questions as one step, its share of time and room; and what it says is missing."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.masking import masked
from uitest.trace import recording as module
from uitest.trace.budget import EXPECTED_S, SHARES, Budget, Costs
from uitest.trace.recording import Recording, cuts, script, written
from uitest.trace.steps import Step, folded

SEEN = {
    "url": "http://shop/",
    "title": "Shop",
    "html": "<html></html>",
    "css": ["a{}"],
    "scroll": [0, 0],
    "size": [9, 9],
}


def step(name: str, at: float = 0.0, *, changes: bool = False) -> Step:
    """One that took a tenth of a second."""
    return Step(name, name, at, 0.1, what=name, changes=changes)


def fold_all(names: str) -> list[Step]:
    """Steps that came one by one; capitals change the page."""
    steps: list[Step] = []
    for at, name in enumerate(names):
        steps = folded([*steps, step(name, at, changes=name.isupper())])
    return steps


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("", ""),
        ("aaa", "a3"),
        ("ababab", "a3b3"),
        ("Aababb", "A1a2b3"),
        ("AAA", "A1A1A1"),
        ("aAa", "a1A1a1"),
        ("abcdabcd", "a2b2c2d2"),
    ],
)
def test_polls_are_one_step(came: str, kept: str) -> None:
    """The same few questions again and again, but never what changes the page."""
    assert "".join(f"{item.name}{item.times}" for item in fold_all(came)) == kept


@quick
@given(st.text("abcDE", max_size=40))
def test_no_command_is_lost(came: str) -> None:
    """However they are folded: all are counted, in order, from the first's beginning to the last's end."""
    steps = fold_all(came)
    assert sum(item.times for item in steps) == len(came)
    assert [item.name for item in steps if item.changes] == [name for name in came if name.isupper()]
    assert [item.at for item in steps] == sorted(item.at for item in steps)
    if came:
        assert max(item.at + item.took for item in steps) == pytest.approx(len(came) - 1 + 0.1)


class Clock:
    """Stands still unless it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@quick
@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(sorted(SHARES))), max_size=60))
def test_recording_keeps_to_its_share(looks: list[tuple[float, str]]) -> None:
    """When looks cost what they are known to cost, all of them together never take more of the case's own time."""
    clock = Clock()
    costs = Costs()
    budget = Budget(costs, limited=True, clock=clock)
    own = allowed = 0.0
    for pause, kind in looks:
        clock.now += pause
        own += pause
        with budget.spending():
            if budget.allows(kind):
                clock.now += costs.of(kind)
                allowed += costs.of(kind)
        assert budget.spent == pytest.approx(allowed)
        assert budget.spent <= max(SHARES.values()) * own + 1e-6
    assert sum(budget.refused.values()) <= len(looks)


def test_without_a_limit_all_is_allowed() -> None:
    """From the first moment of a case."""
    budget = Budget(Costs(), limited=False)
    assert budget.allows("picture")
    assert not any(budget.refused.values())


def test_one_slow_look_does_not_count_for_all() -> None:
    """The first look in an engine often is."""
    costs = Costs()
    costs.learn("page", 5.0)
    assert costs.of("page") == EXPECTED_S["page"]
    for _ in range(3):
        costs.learn("page", 5.0)
    assert costs.of("page") == 5.0


def test_oldest_snapshots_are_dropped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go, but the first and the last stay; and it is told."""
    monkeypatch.setattr(module, "LIMIT", 1_000)
    kept = Recording()
    for number in range(12):
        kept.add(step(str(number), number, changes=True))
        kept.see(number, {**SEEN, "html": f"<p>{number}" + "x" * 150})
        kept.picture(number, f"data:{number:0100}")
        kept.trim()
    assert kept.size() <= 1_000
    data = written(kept, {"began": 0.0, "cut": cuts({}, kept.dropped, ())}, ((), {}), str)
    assert data["shots"][0].endswith("0" * 99)
    assert data["shots"][-1].endswith("11")
    assert data["pages"][0]["html"].startswith("<p>0")
    assert data["pages"][-1]["html"].startswith("<p>11")
    assert kept.dropped["shots"]
    assert "screenshots" in data["cut"][0]
    for item in data["steps"]:
        with suppress(KeyError):
            assert data["pages"][item["page"]]["html"].startswith(f"<p>{item['n']}x")
        with suppress(KeyError):
            assert data["shots"][item["shot"]].endswith(item["n"])


def test_equal_pages_are_stored_once() -> None:
    """And its style sheets."""
    kept = Recording()
    for number in range(3):
        kept.add(step(str(number), number, changes=True))
        kept.see(number, SEEN)
    data = written(kept, {"began": 0.0}, ((), {}), str)
    assert [item["page"] for item in data["steps"]] == [0, 0, 0]
    assert len(data["pages"]) == len(data["css"]) == 1


def test_texts_are_masked_and_closed_in() -> None:
    """Whatever field they are in; and nothing in the script can end it."""
    kept = Recording()
    kept.add(replace(step("open", changes=True), given="s3cret", result="</script>s3cret", error="s3cret"))
    kept.see(0, {**SEEN, "url": "http://shop/?key=s3cret", "html": "<p>s3cret</p>"})
    kept.console[0.5, "ERROR", "s3cret"] = None
    kept.requests[0.5, "fetch", "http://me:pass@shop/s3cret"] = (0.1, 200, 5)
    data: dict[str, Any] = written(
        kept, {"began": 0.0, "case": "s3cret"}, ((), {}), lambda text: masked(text, ("s3cret",))
    )
    text = script(data).decode()
    assert text.startswith("ui.trace({")
    assert "s3cret" not in text
    assert "me:pass" not in text
    assert "<" not in text


def test_missing_parts_are_told_in_sentences() -> None:
    """In sentences."""
    assert cuts({"picture": 1, "page": 2}, {"steps": 0}, ["why"]) == [
        "1 screenshot and 2 pages left out: recording takes no more than 12% of a case's time",
        "why",
    ]
