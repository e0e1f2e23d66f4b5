"""Every form of a modules file, and what is said about files that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.errors import UsageError
from uitest.model import BROWSERS, Module
from uitest.storage.modules_file import parse_module, read_modules
from uitest.storage.stores.items import module_item

PLAIN = [Module("mod1", ("tc001", "tc002")), Module("mod2", ("tc003",))]
TYPED: list[dict[str, Any]] = [
    {"module": {"S": "mod1"}, "testcases": {"L": [{"S": "tc001"}, {"S": "tc002"}]}},
    {"module": {"S": "mod2"}, "testcases": {"L": [{"S": "tc003"}]}},
]


def written(folder: Path, content: object) -> Path:
    """A modules file with this content: text as it is, anything else as JSON."""
    path = folder / "modules.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8")
    return path


def refusal(folder: Path, content: object) -> str:
    """What reading this content is refused with, after the file's name."""
    path = written(folder, content)
    with pytest.raises(UsageError) as caught:
        read_modules(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    "content",
    [
        TYPED,
        {"Items": TYPED, "Count": 2, "ScannedCount": 2, "ConsumedCapacity": None},
        {"uitest-modules": [{"PutRequest": {"Item": row}} for row in TYPED]},
        [{"module": "mod1", "testcases": ["tc001", "tc002"]}, {"module": "mod2", "testcases": ["tc003"]}],
        {"mod1": ["tc001", "tc002"], "mod2": ["tc003"]},
        "\ufeff" + json.dumps(TYPED),
    ],
    ids=["typed", "scan", "batch", "plain", "names", "bom"],
)
def test_all_forms_give_the_same_modules(tmp_path: Path, content: object) -> None:
    """All forms give the same modules, in the file's order."""
    assert read_modules(written(tmp_path, content)) == PLAIN


def test_all_fields_are_read_in_both_notations(tmp_path: Path) -> None:
    """Browsers, timeout and tags are read in both notations."""
    full = Module("m", ("tc",), ("chrome", "webkit"), 30.0, ("smoke",))
    plain = {
        "module": "m",
        "testcases": ["tc"],
        "browsers": ["chrome", "webkit"],
        "timeout": 30,
        "tags": ["smoke"],
    }
    assert read_modules(written(tmp_path, [plain])) == [full]
    assert read_modules(written(tmp_path, [module_item(full)])) == [full]


@quick
@given(
    st.builds(
        Module,
        name=st.text("aé#/ \N{FOX FACE}", min_size=1).filter(str.strip),
        cases=st.lists(st.text('ab:[]{}",', min_size=1), min_size=1).map(tuple),
        browsers=st.lists(st.sampled_from(BROWSERS), unique=True).map(tuple),
        timeout=st.none() | st.floats(0.001, 1e6),
        tags=st.lists(st.text()).map(tuple),
    )
)
def test_rows_of_the_table_are_read_back(module: Module) -> None:
    """What the store writes into the module table is what the file format reads."""
    assert parse_module(module_item(module)) == module


@pytest.mark.parametrize(
    ("content", "place"), [("", "1:1"), ("[\n  {,\n]", "2:4"), ('{"a": ["b"]', "1:12"), ("[]]", "1:3")]
)
def test_syntax_error_has_line_and_column(tmp_path: Path, content: str, place: str) -> None:
    """A syntax error is reported with line and column."""
    assert refusal(tmp_path, content).startswith(f"{place}: this is not JSON: ")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("5", "5 is not a module; expected an object"),
        ('{"testcases": ["a"]}', "module is null; expected its name"),
        ('{"module": "m"}', "module 'm' has no testcases"),
        ('{"module": "m", "testcases": "a"}', "module 'm': testcases is \"a\"; expected a list of strings"),
        ('{"module": "m", "testcases": [1]}', "module 'm': testcases is [1]; expected a list of strings"),
        ('{"module": "m", "testcases": []}', "module 'm' lists no testcases"),
        ('{"module": "m", "testcases": [""]}', "module 'm': a case must not be empty"),
        ('{"module": "m", "testcases": ["a"], "browser": "chrome"}', "unknown 'browser'; known are module,"),
        ('{"module": "m", "testcases": ["a"], "browsers": ["ie"]}', "unknown browser 'ie'; choose from"),
        ('{"module": "m", "testcases": ["a"], "timeout": "9"}', 'timeout is "9"; expected seconds'),
        ('{"module": "m", "testcases": ["a"], "timeout": -1}', "timeout is -1; expected seconds"),
        ('{"module": "m", "testcases": ["a"], "timeout": true}', "timeout is true; expected seconds"),
        ('{"module": "m", "testcases": ["a"], "timeout": NaN}', "timeout is NaN; expected seconds"),
        ('{"module": {"S": "m"}, "testcases": {"L": ["a"]}}', '"a" is not a DynamoDB value'),
        ('{"module": {"S": 7}, "testcases": {"L": []}}', '{"S": 7} is not a DynamoDB value'),
        ('{"module": {"S": "m"}, "testcases": {"L": []}, "timeout": {"N": "x"}}', "is not a number"),
    ],
)
def test_wrong_row_is_reported_with_its_line(tmp_path: Path, row: str, expected: str) -> None:
    """A wrong row is reported with its line, its value and the expected one."""
    text = '[\n {"module": "ok", "testcases": ["]", "}", ","]},\n\n ' + row + "\n]"
    message = refusal(tmp_path, text)
    assert message.startswith("4: ")
    assert expected in message


def test_wrong_rows_in_other_forms(tmp_path: Path) -> None:
    """Lines are right in the forms that wrap their rows, too."""
    assert refusal(tmp_path, '{\n"a": ["tc"],\n"b": 7}').startswith("3: module 'b': testcases is 7")
    assert refusal(tmp_path, '{"T": [\n{"PutRequest": {"Item": {}}}]}').startswith("2: module is null")
    assert refusal(tmp_path, '{"Items": [\n\n{}]}').startswith("3: module is null")


def test_two_of_one_name(tmp_path: Path) -> None:
    """A module that is there twice is told with both lines, also as a repeated key."""
    rows = '[\n{"module": "m", "testcases": ["a"]},\n{"module": "m", "testcases": ["b"]}]'
    assert refusal(tmp_path, rows).startswith("3: module 'm' is already in line 2")
    assert refusal(tmp_path, '{"m": ["a"],\n\n"m": ["b"]}').startswith("3: module 'm' is already in line 1")


@pytest.mark.parametrize("content", ["[]", "{}", '{"Items": []}'])
def test_file_without_modules_is_an_error(tmp_path: Path, content: str) -> None:
    """A file without modules is an error with an example."""
    message = refusal(tmp_path, content)
    assert message.startswith("1: no modules found; expected a list like ")
    assert message.endswith(' or an object like {"mod1": ["tc001"]}')


@pytest.mark.parametrize("content", ["null", '"text"', "3"])
def test_json_of_another_type_is_an_error(tmp_path: Path, content: str) -> None:
    """JSON that is neither a list nor an object is an error that says what is expected."""
    assert "expected an object with module and testcases" in refusal(tmp_path, content)


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and a binary file are named in the error."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.json", ".", "binary"):
        with pytest.raises(UsageError, match="cannot read the modules file"):
            read_modules(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 3_000 + "]" * 3_000, "m.json:1: "),  # Python 3.13 reads it, as something that is not a module
        ("[" * 100_000, "nested too deeply"),
        ('[{"module": "m", "testcases": ["a"], "timeout": ' + "9" * 400 + "}]", "timeout is 9999"),
        ('[{"module": "m", "testcases": ["a"], "timeout": ' + "9" * 5_000 + "}]", "cannot be parsed"),
        ('[{"module": "m", "testcases": ["a"], "timeout": 1e300}]', "up to a year"),
        ('[{"module": {"S": "m"}, "testcases": {"L": [{"S": "a"}]}, "timeout": {"N": "1e400"}}]', "up to a year"),
        ('[{"module": "m", "testcases": ["a"], "tags": ["\\ud800"]}]', "tag '\\ud800'"),
        ('[{"module": "m", "testcases": ["\\ud800"]}]', "case '\\ud800'"),
        ('{"Items": []}', "no modules found"),
        ('{"Items": [], "Count": 0}', "no modules found"),
    ],
)
def test_hostile_file_is_one_line_with_its_name(tmp_path: Path, text: str, expected: str) -> None:
    """The error is one line that names the file, for any content."""
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_modules(path)
    assert expected in str(raised.value)
    assert str(path) in str(raised.value)
    assert len(str(raised.value)) < 400
