"""Reads modules from a JSON file, in any of three forms.

- rows of the module table as the AWS command line writes them: ``[{"module": {"S": "mod1"}, "testcases":
  {"L": [{"S": "tc001"}]}}]``, also inside the answer of ``aws dynamodb scan`` (``{"Items": [...]}``) or a
  request of ``aws dynamodb batch-write-item`` (``{"TABLE": [{"PutRequest": {"Item": {...}}}]}``);
- the same rows as plain JSON: ``[{"module": "mod1", "testcases": ["tc001"], "browsers": ["chrome"],
  "timeout": 30, "tags": ["smoke"]}]``, where only the first two are needed;
- names only: ``{"mod1": ["tc001"]}``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers, check_id, check_seconds
from uitest.model import Module

FIELDS = ("module", "testcases", "browsers", "timeout", "tags")


def read_modules(path: str | Path) -> list[Module]:
    """The modules of a file, in its order. Raises UsageError naming file, line and what was expected."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as exc:
        raise UsageError(f"cannot read the modules file {path}: {exc}") from exc
    try:
        json.loads(text)
    except json.JSONDecodeError as exc:
        raise UsageError(f"{path}:{exc.lineno}:{exc.colno}: this is not JSON: {exc.msg}") from exc
    except RecursionError as exc:
        raise UsageError(f"{path}:1: brackets are nested too deeply to be a list of modules") from exc
    except ValueError as exc:  # a number with thousands of digits
        raise UsageError(f"{path}:1: this cannot be parsed: {exc}") from exc
    modules: dict[str, Module] = {}
    lines: dict[str, int] = {}
    for element in _rows(text):
        line = text.count("\n", 0, element.start) + 1
        try:
            module = _listed_module(element.value, lines)
        except UsageError as exc:
            raise UsageError(f"{path}:{line}: {exc}") from exc
        modules[module.name], lines[module.name] = module, line
    if not modules:
        raise UsageError(
            f"{path}:1: no modules found; expected a list like "
            '[{"module": "mod1", "testcases": ["tc001"]}] or an object like {"mod1": ["tc001"]}'
        )
    return list(modules.values())


def _listed_module(row: object, lines: Mapping[str, int]) -> Module:
    """The module in a row of a file; ``lines`` has the line of each module before it."""
    module = parse_module(row)
    if not module.cases:
        raise UsageError(f"module {module.name!r} lists no testcases; add some or remove it")
    if module.name in lines:
        first = lines[module.name]
        raise UsageError(f"module {module.name!r} is already in line {first}; merge the two or rename one")
    return module


def parse_module(row: object, *, extras: bool = False) -> Module:
    """The module in one row, plain or typed; ``extras`` allows unknown attributes. Raises UsageError."""
    if not isinstance(row, Mapping):
        raise UsageError(f"{_shown(row)} is not a module; expected an object with module and testcases")
    if isinstance(row.get("module"), Mapping):
        row = {name: untype(value) for name, value in row.items()}
    name = row.get("module")
    if not isinstance(name, str):
        raise UsageError(f"module is {_shown(name)}; expected its name, a string")
    check_id("module", name)
    unknown = sorted(set(row) - set(FIELDS))
    if unknown and not extras:
        raise UsageError(f"module {name!r} has an unknown {unknown[0]!r}; known are {', '.join(FIELDS)}")
    if "testcases" not in row:
        raise UsageError(f"module {name!r} has no testcases; expected a list of case ids")
    try:
        return Module(
            name,
            tuple(check_id("case", case) for case in _strings(row, "testcases")),
            check_browsers(_strings(row, "browsers")),
            _timeout(row.get("timeout")),
            tuple(map(_check_tag, _strings(row, "tags"))),
        )
    except UsageError as exc:
        raise UsageError(f"module {name!r}: {exc}") from exc


def untype(value: object) -> object:
    """The plain value of a DynamoDB value such as ``{"L": [{"S": "tc001"}]}``. Raises UsageError."""
    match value:
        case {"S": str(text)}:
            return text
        case {"N": str(number)}:
            try:
                return float(number)
            except ValueError as exc:
                raise UsageError(f"{_shown(value)} is not a number") from exc
        case {"BOOL": bool(flag)}:
            return flag
        case {"NULL": _}:
            return None
        case {"L": [*items]}:
            return [untype(item) for item in items]
        case {"SS": [*texts]}:
            return texts
        case {"M": {**entries}}:
            return {name: untype(entry) for name, entry in entries.items()}
        case {"B": data} | {"BS": data} | {"NS": data}:
            return data
    raise UsageError(f'{_shown(value)} is not a DynamoDB value; expected one like {{"S": "tc001"}}')


class _Element(NamedTuple):
    """An entry of an array or object, with the offset of its value in the text."""

    key: str | None
    value: Any
    start: int


def _elements(text: str, start: int = 0) -> Iterator[_Element]:
    """The entries of the array or object at ``start`` of a valid JSON text, duplicate keys included."""
    decoder = json.JSONDecoder()
    position = _skip(text, start)
    is_object = text[position] == "{"
    position = _skip(text, position + 1)
    while text[position] not in "]}":
        key = None
        if is_object:
            key, position = decoder.raw_decode(text, position)
            position = _skip(text, position)
        value, end = decoder.raw_decode(text, position)
        yield _Element(key, value, position)
        position = _skip(text, end)


def _skip(text: str, position: int) -> int:
    """The next position that is neither white space nor a separator."""
    while text[position] in " \t\r\n,:":
        position += 1
    return position


def _rows(text: str) -> Iterator[_Element]:
    """The rows of any of the file's forms."""
    if text.lstrip()[:1] not in ("[", "{"):
        yield _Element(None, json.loads(text), 0)
        return
    outer = list(_elements(text))
    tables = [e for e in outer if e.key is not None and _is_table(e)]
    if tables:
        for element in (inner for table in tables for inner in _elements(text, table.start)):
            put = element.value.get("PutRequest") if isinstance(element.value, dict) else None
            yield element._replace(value=put.get("Item")) if isinstance(put, dict) else element
        return
    for key, value, start in outer:
        yield _Element(key, value if key is None else {"module": key, "testcases": value}, start)


def _is_table(element: _Element) -> bool:
    """Whether an entry of the outer object is a table's name with rows, rather than a module with cases."""
    rows = element.value
    is_scan = element.key == "Items" and rows == []
    return is_scan or (isinstance(rows, list) and any(isinstance(row, dict) for row in rows))


def _strings(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise UsageError(f"{name} is {_shown(values)}; expected a list of strings")
    return tuple(values)


def _check_tag(tag: str) -> str:
    """``tag`` if it is valid Unicode. Raises UsageError for a lone surrogate, which only JSON can represent."""
    try:
        tag.encode()
    except UnicodeEncodeError as exc:
        raise UsageError(f"tag {tag!r} contains a lone surrogate, which is half a character; correct the tag") from exc
    return tag


def _timeout(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"timeout is {_shown(value)}; expected seconds, a number above 0")
    try:
        return check_seconds(value)
    except UsageError as exc:
        raise UsageError(f"timeout is {_shown(value)}; expected seconds, a number above 0 and up to a year") from exc


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
