"""Keys of jobs are safe anywhere, and nouns survive JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import make_attempt, make_run
from tests.support.properties import SAFE, ids, quick
from uitest.model import Attempt, Job, Past, Run, RunState, Verdict


@quick
@given(st.lists(st.tuples(ids, ids, st.sampled_from(["chrome", "firefox"])), unique=True, max_size=20))
def test_job_keys_stay_apart(parts: list[tuple[str, str, str]]) -> None:
    """Different jobs have different keys that are safe in paths and URLs."""
    keys = [Job(*three).key for three in parts]
    assert len(set(keys)) == len(parts)
    assert all(SAFE.fullmatch(key) and len(key) <= 80 for key in keys)


def test_job_keys_do_not_meet_at_separators() -> None:
    """Ids that read the same when joined are still different jobs."""
    jobs = [Job("a b", "c", "chrome"), Job("a", "b c", "chrome"), Job("a-b", "c", "chrome")]
    assert len({job.key for job in jobs}) == 3


def test_timeout_is_not_part_of_the_key() -> None:
    """A job keeps its row when its module's timeout changes."""
    assert Job("m", "c", "chrome", 5).key == Job("m", "c", "chrome").key


@quick
@given(
    st.builds(
        Attempt,
        number=st.integers(1, 99),
        owner=ids,
        verdict=st.sampled_from(Verdict),
        started_at=st.floats(0, 4e9),
        duration_s=st.floats(0, 900),
        layer=st.integers(0, 9),
        error=st.none() | ids,
        detail=st.none() | ids,
        artifacts=st.lists(ids).map(tuple),
        warnings=st.lists(ids).map(tuple),
    )
)
def test_attempt_is_read_back_from_json_as_written(attempt: Attempt) -> None:
    """What is written is read back, exactly."""
    assert Attempt.from_json(json.loads(json.dumps(attempt.to_json()))) == attempt


def test_run_is_read_back_from_json_as_written() -> None:
    """A header is read back as it was, and fields of a newer version are ignored."""
    run = make_run(modules=("m",), browsers=("chrome",), settings={"a": [1]}, counts={"passed": 1})
    data = json.loads(json.dumps(run.to_json()))
    assert Run.from_json({**data, "new": 1}) == run
    assert Run.from_json(data).state is RunState.RUNNING


def test_newer_attempt_is_read() -> None:
    """An attempt with fields of a newer version can be read."""
    assert Attempt.from_json({**make_attempt().to_json(), "new": 1}) == make_attempt()


def test_past_without_a_duration_keeps_the_older_one() -> None:
    """Whether it failed is always that of the newer record."""
    assert Past(None, True).after(Past(3.0, False)) == Past(3.0, True)
    assert Past(2.0, False).after(Past(3.0, True)) == Past(2.0, False)
    assert Past(None, False).after(None) == Past(None, False)
