"""The checklist for a real account: it takes the time that it says, and names every role with what shows its trust."""

import re

from tests.support.aws.stack import FOLDER, load

TEXT = (FOLDER.parent / "docs" / "aws-checklist.md").read_text()
CORE, LATER = TEXT.split("\n## Later, if you use it\n")


def rows(first: str) -> list[list[str]]:
    """The cells of the table whose first column has this heading."""
    [table] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def anchor(heading: str) -> str:
    """What a heading is called in links."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_core_takes_half_an_hour() -> None:
    """The minutes of its steps add up to what is promised, and so does the waiting; each step has its row."""
    table = rows("step")
    assert [link for step, *_ in table for link in re.findall(r"\((#.*)\)", step)] == [
        f"#{anchor(heading)}" for heading in re.findall(r"^### (.*)", CORE, re.MULTILINE)
    ]
    minutes, waiting = (sum(int(row[column]) for row in table) for column in (1, 2))
    assert (minutes, waiting) == (30, 20)
    assert f"The first part takes {minutes} minutes, of which about {waiting} are\nwaiting" in TEXT


def test_later_steps_say_how_long_they_take() -> None:
    """Each does."""
    steps = re.split(r"^### .*\n", LATER.partition("\n## ")[0], flags=re.MULTILINE)[1:]
    assert len(steps) > 3
    assert all(re.match(r"\n\d+ minutes\b", step) for step in steps)


def test_links_within_the_list_have_a_heading() -> None:
    """None leads nowhere."""
    assert set(re.findall(r"\(#([^)]*)\)", TEXT)) <= {
        anchor(line) for line in re.findall(r"^#+ (.*)", TEXT, re.MULTILINE)
    }


def test_every_role_is_listed_with_its_condition() -> None:
    """By its template; it says none just where the trust has none, and the account alone where no ARN is asked for."""
    listed = {}
    for role, condition, *others in rows("role"):
        name, template = re.findall(r"`([^`]+)`", role)
        listed[template, name] = condition
        assert all(others), name
    trusts = {
        (path.name, name): str(about["Properties"]["AssumeRolePolicyDocument"])
        for path in FOLDER.glob("*.yaml")
        for name, about in load(path.name)["Resources"].items()
        if isinstance(about, dict) and about.get("Type") == "AWS::IAM::Role"
    }
    assert set(listed) == set(trusts)
    for key, trust in trusts.items():
        assert (listed[key] == "none") == ("aws:SourceAccount" not in trust), key
        assert (listed[key].startswith("account, ")) == ("aws:SourceArn" in trust), key
