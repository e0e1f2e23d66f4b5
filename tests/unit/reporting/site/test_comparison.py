"""A run compared with its base: which group a job belongs to, and which runs are the base."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.samples import NOW, MemoryPlace, attempt, header, row
from uitest.errors import PlaceError
from uitest.model import JobRow, Outcome, Run, RunState, Verdict
from uitest.reporting.site import Site
from uitest.reporting.site.comparison import BAD, Base, Comparison, Group, compare, group_of, note
from uitest.reporting.site.history import LETTERS

FAILED, PASSED = attempt(1, Verdict.FAILED), attempt()
RED = "felq"
VERDICTS = f"{RED}py"

TABLE = [
    ("failed", "p", Group.BROKEN),
    ("error", "p", Group.BROKEN),
    ("lost", "y", Group.BROKEN),
    ("failed", "fp", Group.BROKEN),
    ("failed", "y", Group.BROKEN),
    ("failed", "pf", Group.RED_ON_BASE),
    ("failed", "e", Group.RED_ON_BASE),
    ("error", "pl", Group.RED_ON_BASE),
    ("failed", "pfcnrs ", Group.RED_ON_BASE),
    ("failed", "fpcnrs ", Group.BROKEN),
    ("failed", "", Group.NEVER_RAN),
    ("error", "scn ", Group.NEVER_RAN),
    ("passed", "", Group.NEVER_RAN),
    ("passed", "s", Group.NEVER_RAN),
    ("passed", "pf", Group.FIXED),
    ("passed", "l ", Group.FIXED),
    ("passed", "fp", None),
    ("passed", "y", None),
    ("flaky", "", Group.FLAKY),
    ("flaky", "f", Group.FLAKY),
    ("flaky", "p", Group.FLAKY),
    ("skipped", "", None),
    ("skipped", "f", None),
    ("cancelled", "f", None),
    ("running", "p", None),
    ("quarantined", "p", None),
    ("failed", "pq", Group.RED_ON_BASE),
    ("passed", "pq", Group.FIXED),
    ("not_started", "", None),
]


@pytest.mark.parametrize(("outcome", "base", "group"), TABLE)
def test_group_of_a_job(outcome: str, base: str, group: Group | None) -> None:
    """It depends on the outcome here and on the newest verdict of the base's branch."""
    assert group_of(Outcome(outcome), base) is group


@given(st.sampled_from(list(Outcome)), st.text(alphabet=[*LETTERS.values(), " "], max_size=12))
def test_groups_of_any_outcome_and_history(outcome: Outcome, base: str) -> None:
    """No failure is without a group, none is excused without a red base, and older or missing verdicts do not count."""
    group = group_of(outcome, base)
    verdicts = "".join(letter for letter in base if letter in VERDICTS)
    assert (group is not None) or outcome not in BAD
    if outcome in BAD:
        assert (group is Group.RED_ON_BASE) == (verdicts[-1:] in set(RED))
        assert (group is Group.NEVER_RAN) == (not verdicts)
    assert (group is Group.FIXED) == (outcome is Outcome.PASSED and verdicts[-1:] in set(RED))
    assert (group is Group.FLAKY) == (outcome is Outcome.FLAKY)
    assert group_of(outcome, verdicts[-1:]) is group
    assert group_of(outcome, f"{base} scrn") is group


@pytest.mark.parametrize(
    ("group", "base", "expected"),
    [
        (Group.RED_ON_BASE, "pf", "red in the base's run"),
        (Group.RED_ON_BASE, "pfe l", "red in the last 3 runs of the base"),
        (Group.FIXED, "ff", "red in the last 2 runs of the base"),
        (Group.BROKEN, "p", ""),
        (Group.BROKEN, "pypy", "flaky in 2 of the base's last 4 runs"),
        (Group.FLAKY, "ppp", "never flaky in the base's last 3 runs"),
        (Group.FLAKY, "", "never ran on the base"),
        (Group.NEVER_RAN, "", ""),
    ],
)
def test_note_tells_what_the_base_says(group: Group, base: str, expected: str) -> None:
    """How long it is red there, how often it is flaky there."""
    assert note(group, base) == expected


def early(place: MemoryPlace, name: str, rows: list[JobRow], **changes: object) -> None:
    """An earlier run of main, finished before the others began."""
    facts = {"started_at": NOW - 900, "finished_at": NOW - 800, "settings": {"branch": "main", "commit": "c0ffee"}}
    Site(place, "a/").run(header(rows, id=name, **{**facts, **changes}), rows, NOW)


def later(rows: list[JobRow], against: str | None = "main", **settings: str) -> Run:
    """A run of a change."""
    return header(rows, id="change", settings={"branch": "feature", "against": against, **settings})


def compared(place: MemoryPlace, rows: list[JobRow], against: str | None = "main") -> Comparison:
    """A run of a change, compared with what the place has."""
    return Site(place, "a/").comparison(later(rows, against), rows, NOW)


def test_second_push_has_broken_what_the_first_has() -> None:
    """The earlier run of the branch itself does not count: only the base does."""
    place = MemoryPlace()
    early(place, "m", [row("a", PASSED), row("b", FAILED)])
    rows = [row("a", FAILED), row("b", FAILED), row("c", FAILED)]
    early(place, "first-push", rows, settings={"branch": "feature", "against": "main"}, started_at=NOW - 700)
    groups = {key.partition("~")[0]: job.group for key, job in compared(place, rows).jobs.items()}
    assert groups == {
        "login-a-chrome": Group.BROKEN,
        "login-b-chrome": Group.RED_ON_BASE,
        "login-c-chrome": Group.NEVER_RAN,
    }
    sentence = compared(place, rows).sentence()
    assert sentence == (
        "Compared with main at c0ffee (run m): 1 broken by this change, 1 red on the base too, 1 never ran before."
    )


def test_base_is_the_newest_run_finished_before_that_has_a_module_in_common() -> None:
    """Neither a run that is later, nor one that was stopped, nor one of other modules or of another branch."""
    place, rows = MemoryPlace(), [row("a", PASSED)]
    early(place, "older", rows, started_at=NOW - 1000)
    early(place, "base", rows)
    early(place, "still-ran", rows, finished_at=NOW - 100, started_at=NOW - 600)
    early(place, "stopped", rows, state=RunState.INTERRUPTED, started_at=NOW - 700, finished_at=NOW - 690)
    early(place, "others", [row("a", PASSED, module="other")], started_at=NOW - 700)
    early(place, "elsewhere", rows, settings={"branch": "release"}, started_at=NOW - 700)
    base = compared(place, rows).base
    assert base.run is not None
    assert base.run.id == "base"
    assert [run.id for run in base.past.runs] == ["older", "base"]


def test_case_that_the_newest_run_left_out_is_compared_with_an_older_one() -> None:
    """The base's newest run may have been of fewer cases."""
    place = MemoryPlace()
    early(place, "older", [row("a", FAILED), row("b", PASSED)], started_at=NOW - 1000)
    early(place, "base", [row("b", PASSED)])
    (job,) = compared(place, [row("a", FAILED)]).jobs.values()
    assert job.group is Group.RED_ON_BASE


def test_another_error_than_on_the_base_is_told() -> None:
    """It may be the change's, though the base is red."""
    place = MemoryPlace()
    early(place, "m", [row("same", FAILED), row("other", FAILED)])
    other = attempt(1, Verdict.FAILED, error="TimeoutException: Message: no basket")
    notes = [job.note for job in compared(place, [row("same", FAILED), row("other", other)]).jobs.values()]
    assert notes == ["red in the base's run", "red in the base's run, with another error there"]


class Denied(MemoryPlace):
    """A place that cannot be listed."""

    def versions(self, prefix: str) -> dict[str, str]:
        """As S3 without permission."""
        raise PlaceError(f"access denied to {prefix}")


def test_without_a_base_one_sentence_says_why() -> None:
    """No branch is named, it has no run, its runs cannot be read."""
    place, rows = MemoryPlace(), [row("a", FAILED)]
    early(place, "m", rows)
    no_base = "Not compared with a base: "
    assert compared(place, rows, None).sentence() == f"{no_base}no branch is named with --against."
    assert compared(place, rows, "x").sentence() == f"{no_base}there is no earlier finished run of x."
    assert not compared(place, rows, "x").jobs
    assert "cannot be read: access denied to index/." in compared(Denied(), rows).sentence()
    del place.files["runs/m/outcomes.json"]
    assert compared(place, rows).sentence() == f"{no_base}1 run of main cannot be read."


def test_base_may_be_in_another_site() -> None:
    """Pages have no link to it then."""
    place, own, rows = MemoryPlace(), MemoryPlace(), [row("a", FAILED)]
    early(place, "m", [row("a", PASSED)])
    comparison = Site(own, "a/", base=place).comparison(later(rows), rows, NOW)
    assert [job.group for job in comparison.jobs.values()] == [Group.BROKEN]
    assert comparison.base.is_elsewhere
    assert not compared(place, rows).base.is_elsewhere


def test_equal_runs_have_no_differences() -> None:
    """Every job passed here and there."""
    place, rows = MemoryPlace(), [row("a", PASSED)]
    early(place, "m", rows)
    assert compared(place, rows).sentence() == "Compared with main at c0ffee (run m): no difference."


def test_live_run_has_groups_for_jobs_that_have_ended() -> None:
    """What still runs is in none."""
    place = MemoryPlace()
    early(place, "m", [row("a", PASSED), row("b", PASSED)])
    rows = [row("a", FAILED), row("b", lease=60)]
    run = replace(later(rows), state=RunState.RUNNING, finished_at=None)
    assert [job.group for job in compare(rows, run, compared(place, rows).base, NOW).jobs.values()] == [Group.BROKEN]
    assert compare(rows, run, Base("main"), NOW).jobs == {}
