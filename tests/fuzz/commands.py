"""Commands of a case, as lines of Python: what a difference is shown with is what was run."""

import re
from collections.abc import Sequence
from itertools import chain

from hypothesis import strategies as st

ELEMENTS = ("e0", "e1", "e2")
"""Names that elements are kept under."""

SOME_IDS = ("new", "added", "written", "other", "go", "inner", "nothere")
"""Of what scripts, frames and shadow roots hold, and of nothing."""

SELECTORS = (
    ("css selector", "button"), ("css selector", "input:not([disabled])"), ("css selector", "[id]"),
    ("css selector", "p, b"), ("css selector", "#"), ("css selector", "a:bad"), ("css selector", "iframe"),
    ("css selector", ":focus"), ("css selector", ""), ("tag name", "b"), ("tag name", "BUTTON"), ("tag name", "body"),
    ("tag name", ""), ("tag name", "*"), ("xpath", "//button"), ("xpath", "//*[@id][2]"), ("xpath", ".//b"), ("xpath", ".."),
    ("xpath", "//p/text()"), ("xpath", "//*["), ("xpath", "count(//p)"), ("xpath", "//iframe | //a"), ("xpath", "/html"),
    ("link text", "a link"), ("link text", "A LINK"), ("link text", "nothing"), ("partial link text", "link"),
    ("partial link text", ""), ("name", "f0"), ("class name", "none"), ("id", "b0"), ("nonsense", "x"),
)  # fmt: skip

QUESTIONS = (
    "{e}.text", "{e}.text", "{e}.tag_name", "{e}.is_displayed()", "{e}.is_displayed()", "{e}.is_enabled()",
    "{e}.is_selected()", "{e}.rect", "{e}.location_once_scrolled_into_view", "{e}.accessible_name", "{e}.aria_role",
    "{e}.shadow_root.find_element('css selector', 'button')", "{e}.shadow_root.find_elements('css selector', '*')",
    "{e}.shadow_root.find_element('css selector', '#nothere')", "{e}.parent is driver", "bool({e}.screenshot_as_base64)",
    *(f"{{e}}.get_attribute({name!r})" for name in ("id", "value", "href", "checked", "CLASS", "style", "data-x", "disabled",
                                                    "hidden", "textContent", "onclick", "nope", "")),
    *(f"{{e}}.get_dom_attribute({name!r})" for name in ("id", "value", "href", "checked", "style", "disabled", "open",
                                                        "hidden", "onclick", "contenteditable", "nope", "")),
    *(f"{{e}}.get_property({name!r})" for name in ("id", "value", "href", "checked", "tabIndex", "parentNode", "style",
                                                   "children", "scrollTop", "valueAsNumber", "click", "nope", "")),
    *(f"{{e}}.value_of_css_property({name!r})" for name in ("display", "width", "color", "background-color", "font-family",
                                                            "transform", "border-radius", "--nope", "nope", "")),
)  # fmt: skip

TYPED = (
    "'ab C'", "'x'", "''", "'1'", "'é'", "'a\\nb'", "'\\t'", "Keys.ENTER", "Keys.TAB", "Keys.BACKSPACE, 'z'",
    "Keys.CONTROL, 'a'", "Keys.SHIFT, 'a', Keys.NULL, 'b'", "'€😀'", "Keys.ESCAPE", "Keys.SPACE", "Keys.ARROW_DOWN",
    "'2024-01-02'", "'/etc/hostname'", "'~!\"'", "7",
)  # fmt: skip

ACTS = (
    "{e}.click()", "{e}.click()", "{e}.click()", "{e}.click()", "{e}.send_keys({t})", "{e}.send_keys({t})", "{e}.clear()", "{e}.submit()",
    "ActionChains(driver).move_to_element({e}).click().perform()", "ActionChains(driver).double_click({e}).perform()",
    "ActionChains(driver).key_down(Keys.SHIFT).perform()", "ActionChains(driver).reset_actions()",
    "Select({e}).select_by_index(0)", "Select({e}).deselect_all()", "Select({e}).first_selected_option",
)  # fmt: skip

PLACES = (
    "driver.get(site.url + '/1')", "driver.get(site.url + '/0')", "driver.get(site.url + '/slow/2')", "driver.get(site.url + '/0#hash')",
    "driver.get('about:blank')", "driver.get('data:text/html,<title>data</title><p id=p0>data')", "driver.get('nonsense')",
    "driver.get('http://127.0.0.1:1/')", "driver.get('javascript:1')", "driver.get('')",
    "driver.get(site.url + '/download')",
    "driver.refresh()", "driver.refresh()", "driver.back()", "driver.back()", "driver.forward()",
    "driver.title", "driver.title", "driver.current_url", "driver.current_url", "len(driver.page_source)",
    "site.release()", "site.release()", "site.release()",
)  # fmt: skip

# No name that several windows share, such as '': which of them chromedriver takes is chance.
WINDOWS = (
    "driver.current_window_handle", "driver.window_handles", "driver.switch_to.window(driver.window_handles[-1])",
    "driver.switch_to.window(driver.window_handles[-1])", "driver.switch_to.window(driver.window_handles[0])",
    "driver.switch_to.window(driver.window_handles[1])", "driver.switch_to.window('nope')",
    "driver.switch_to.window(first)", "driver.switch_to.window(first)", "driver.switch_to.new_window('tab')",
    "driver.switch_to.new_window('window')", "driver.switch_to.new_window('zz')", "driver.switch_to.new_window(5)",
    "driver.close()", "driver.close()",
)  # fmt: skip

DIALOGS = (
    "driver.switch_to.alert.text", "driver.switch_to.alert.text", "driver.switch_to.alert.accept()",
    "driver.switch_to.alert.accept()", "driver.switch_to.alert.dismiss()", "driver.switch_to.alert.send_keys('Ann')",
)  # fmt: skip

FRAMES = (
    "driver.switch_to.frame(0)", "driver.switch_to.frame(0)", "driver.switch_to.frame(1)", "driver.switch_to.frame('f0')",
    "driver.switch_to.frame({e})", "driver.switch_to.frame('nope')", "driver.switch_to.default_content()",
    "driver.switch_to.default_content()", "driver.switch_to.parent_frame()",
)  # fmt: skip

SESSION = (
    "driver.implicitly_wait(0)", "driver.implicitly_wait(0.05)", "driver.implicitly_wait(-1)", "driver.set_script_timeout(0.1) or driver.execute_async_script('1')",
    "driver.set_page_load_timeout(5)", "driver.set_page_load_timeout(0.05)", "driver.timeouts.page_load",
    "driver.timeouts.implicit_wait", "driver.get_cookies()", "driver.add_cookie({{'name': 'a', 'value': 'b'}})",
    "driver.get_cookie('a')", "driver.delete_all_cookies()", "driver.delete_cookie('a')",
    "driver.add_cookie({{'name': 'a', 'value': 'b', 'domain': 'example.com'}})", "driver.get_window_rect()",
    "driver.set_window_size(700, 500)", "driver.switch_to.active_element", "bool(driver.get_screenshot_as_base64())",
    "driver.execute_cdp_cmd('Runtime.evaluate', {{'expression': '1'}})",
    "[(entry['level'], entry['source']) for entry in driver.get_log('browser')]",
)  # fmt: skip

SCRIPTS = (
    "return 1", "return document.readyState", "return document.activeElement", "return [document.title, {{a: [null, 1.5]}}]",
    "return document.querySelectorAll('[id]')", "return arguments[0]", "return arguments[0].id", "return window",
    "return document", "arguments[0].remove()", "arguments[0].click()", "arguments[0].focus()", "throw new Error('thrown')",
    "syntax error", "alert('scripted')", "return confirm('scripted?')", "location.href = '/1'", "location.href = '/slow/1'",
    "location.reload()", "window.close()", "open('/1')", "open('/slow/2')", "open('about:blank')", "history.back()",
    "document.body.innerHTML = ''", "document.title = 'scripted'", "scrollTo(0, 300)", "arguments[0].disabled = true",
    "return new Promise(done => setTimeout(done, 10, 5))", "return Promise.reject(new Error('refused'))",
    "return document.querySelector('[id]').shadowRoot", "return function () {{}}", "const a = []; a.push(a); return a",
    "document.querySelectorAll = document.querySelector = null", "delete window.JSON", "Array.prototype.toJSON = () => 'changed'",
    "console.log('logged')", "document.forms[0].submit()", "document.documentElement.remove()", "location.href = '/1'; alert('A')",
)  # fmt: skip

ASYNC = (
    "arguments[arguments.length - 1](1)",
    "alert('async')",
    "setTimeout(arguments[arguments.length - 1], 10)",
    "throw 1",
)

_ID = re.compile(r"\bid=([a-z]\d*)")


def _finds(ids: Sequence[str]) -> st.SearchStrategy[str]:
    by_id = st.sampled_from([*ids, *ids, *ids, *SOME_IDS]).map(lambda name: ("css selector", f"#{name}"))
    how = st.one_of(by_id, by_id, by_id, by_id, st.sampled_from(SELECTORS))
    places = st.sampled_from(["driver", "driver", "driver", "driver", "e0", "e1"])
    single = st.tuples(st.sampled_from(ELEMENTS), places, how).map(
        lambda f: f"{f[0]} = {f[1]}.find_element({f[2][0]!r}, {f[2][1]!r})"
    )
    all_of_them = st.tuples(places, how).map(lambda f: f"{f[0]}.find_elements({f[1][0]!r}, {f[1][1]!r})")
    return st.one_of(single, single, single, all_of_them)


def _lines(*kinds: Sequence[str]) -> st.SearchStrategy[str]:
    """A line of a kind, with whatever it leaves open filled in."""
    template = st.sampled_from(kinds).flatmap(st.sampled_from)
    return st.builds(
        lambda line, e, t: line.format(e=e, t=t), template, st.sampled_from(ELEMENTS), st.sampled_from(TYPED)
    )


def _scripts() -> st.SearchStrategy[str]:
    plain = st.tuples(st.sampled_from(SCRIPTS), st.sampled_from(ELEMENTS)).map(
        lambda pair: f"driver.execute_script({pair[0].format()!r}{', ' + pair[1] if 'arguments' in pair[0] else ''})"
    )
    late = st.sampled_from(ASYNC).map(lambda script: f"driver.execute_async_script({script!r})")
    return st.one_of(plain, plain, plain, plain, late)


def _together(ids: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """An element that is found, and what is done with it."""
    elements = st.tuples(st.sampled_from(ELEMENTS), st.sampled_from([*ids, "nothere"]) if ids else st.just("nothere"))

    def lines(parts: tuple[tuple[str, str], str, str]) -> list[str]:
        (name, which), line, typed = parts
        return [f"{name} = driver.find_element('css selector', '#{which}')", line.format(e=name, t=typed)]

    return st.tuples(elements, st.sampled_from((*QUESTIONS, *ACTS * 4)), st.sampled_from(TYPED)).map(lines)


STORIES = (
    ("driver.execute_script('return 1')",),
    ("driver.switch_to.new_window('tab')", "driver.get(site.url + '/1')"),
    ("driver.switch_to.new_window('tab')", "driver.close()"),
    ("driver.switch_to.new_window('tab')", "driver.execute_script('window.close()')"),
    (
        "driver.execute_script(\"open('/slow/1')\")",
        "driver.switch_to.window(driver.window_handles[-1])",
        "driver.title",
    ),
    (
        "driver.execute_script(\"open('/1')\")",
        "driver.switch_to.window(driver.window_handles[-1])",
        "driver.current_url",
    ),
    ("{find}", "{e}.click()", "driver.switch_to.window(driver.window_handles[-1])", "driver.title"),
    ("{find}", "{e}.click()", "driver.switch_to.alert.accept()"),
    ("{find}", "{e}.click()", "driver.switch_to.alert.dismiss()", "driver.switch_to.alert.text"),
    ("{find}", "{e}.click()", "driver.window_handles"),
    ("{find}", "{e}.click()", "driver.current_url", "{e}.text"),
    ("{find}", "{e}.send_keys('x', Keys.ENTER)", "driver.current_url"),
    ("{find}", "driver.switch_to.frame({e})", "driver.title", "driver.find_element('css selector', 'b').click()"),
    ("{find}", "{e}.click()", "{e}.send_keys('typed')", "driver.switch_to.active_element"),
    ("{find}", "driver.refresh()", "{e}.text"),
    ("{find}", "driver.get(site.url + '/1')", "driver.back()", "{e}.text"),
    ("site.release()", "driver.switch_to.alert.accept()", "driver.title"),
    ("site.release()", "driver.current_window_handle", "driver.title"),
    ("site.release()", "driver.find_elements('css selector', '*')"),
    ("driver.get(site.url + '/1')", "driver.switch_to.alert.text", "driver.title"),
    ("driver.get(site.url + '/2')", "driver.switch_to.alert.accept()", "driver.title"),
    (
        "driver.execute_script(\"location.href = '/slow/1'; alert('A')\")",
        "driver.switch_to.alert.accept()",
        "driver.title",
    ),
    (
        "{find}",
        "{e}.send_keys(Keys.CONTROL, 'a')",
        "driver.execute_script('onbeforeunload = event => event.preventDefault()')",
        "driver.execute_script(\"location.href = '/1'; return 5\")",
        "driver.title",
    ),
    (
        "{find}",
        "{e}.send_keys('a')",
        "driver.execute_script('onbeforeunload = event => event.preventDefault()')",
        "{find}",
        "{e}.click()",
        "driver.title",
        "driver.back()",
    ),
    (
        "driver.execute_script(\"setTimeout(() => alert('B'))\")",
        "driver.switch_to.new_window('tab')",
        "driver.window_handles",
    ),
)
"""What cases do in a row, and where things have gone wrong before."""


def _stories(ids: Sequence[str]) -> st.SearchStrategy[list[str]]:
    elements = st.tuples(st.sampled_from(ELEMENTS), st.sampled_from([*ids, "nothere"]) if ids else st.just("nothere"))

    def commands(parts: tuple[tuple[str, str], tuple[str, ...]]) -> list[str]:
        (name, which), story = parts
        find = f"{name} = driver.find_element('css selector', '#{which}')"
        return [line.format(e=name, find=find) for line in story]

    return st.tuples(elements, st.sampled_from(STORIES)).map(commands)


def lines(pages: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """A sequence of commands for these pages."""
    ids = sorted(set(_ID.findall("".join(pages))))
    alone = st.one_of(
        _finds(ids), _lines(QUESTIONS), _lines(ACTS), _lines(DIALOGS), _lines(PLACES), _lines(PLACES), _lines(WINDOWS, FRAMES),
        _lines(SESSION, WINDOWS), _scripts(),
    ).map(lambda line: [line])  # fmt: skip
    together, stories = _together(ids), _stories(ids)
    groups = st.lists(st.one_of(alone, together, together, stories, stories), min_size=3, max_size=9)
    return groups.map(lambda blocks: list(chain.from_iterable(blocks)))
