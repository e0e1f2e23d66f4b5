"""The command line: wrong values, other plugins' options of the same name, ids of cases."""

import pytest

pytestmark = pytest.mark.usefixtures("no_early_browser")

PASSES = "def test_passes(): pass"

OTHERS = """
def pytest_addoption(parser):
    group = parser.getgroup("others")
    group.addoption("--browser", action="append", dest="their_browser")
    group.addoption("--headed", action="store_true", dest="their_headed")
    group.addoption("--screenshot", choices=["always", "never"], dest="their_screenshot")
    group.addoption("--driver", dest="their_driver")
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--browser", "netscape"], "unknown browser 'netscape'"),
        (["--browser", ","], "--browser is empty"),
        (["--window-size", "huge"], "'huge' is not WIDTHxHEIGHT"),
        (["--window-size", "1x1"], "outside 50x50"),
        (["--case-timeout", "-1"], "is not a number of seconds from 0"),
        (["--case-timeout", "soon"], "soon"),
        (["--screenshot", "maybe"], "maybe"),
        (["--headless", "headed"], "headed"),
    ],
)
def test_wrong_option_value_ends_pytest_with_one_line(
    pytester: pytest.Pytester, arguments: list[str], message: str
) -> None:
    """A wrong value ends pytest with exit code 4 and a line that says so, never with a traceback."""
    pytester.makepyfile(PASSES)
    result = pytester.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if message in line]
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BROWSER", "netscape"),
        ("WINDOW_SIZE", "huge"),
        ("CASE_TIMEOUT", "soon"),
        ("POLL_FREQUENCY", "-1"),
        ("SCREENSHOT", "maybe"),
        ("HEADLESS", "headed"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_wrong_variable_ends_pytest_with_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...], name: str, text: str
) -> None:
    """A wrong ``UITEST_...`` variable is refused in one line before any test runs."""
    pytester.makepyfile(PASSES)
    monkeypatch.setenv(f"UITEST_{name}", text)
    result = pytester.runpytest_inprocess(*workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.errlines if line.strip()]
    assert len(lines) == 1
    assert text in lines[0]


def test_options_win_over_variables(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables stand in for options, and options win."""
    pytester.makepyfile("def test_case(uitest_browser, uitest_settings): assert uitest_settings.locale == 'de'")
    monkeypatch.setenv("UITEST_BROWSER", "firefox,webkit")
    monkeypatch.setenv("UITEST_LOCALE", "de")
    pytester.runpytest_inprocess().assert_outcomes(passed=2)
    pytester.runpytest_inprocess("--browser", "chrome", "--locale", "fr").assert_outcomes(failed=1)


SHOWS = """
def test_case(uitest_browser, uitest_settings, base_url):
    seen = uitest_settings
    print("saw", uitest_browser, seen.headless, seen.window_size, seen.locale, base_url)
"""


def test_configuration_file_is_read_below_other_sources(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read below command line, pytest's own settings and variables, with the section that is chosen."""
    monkeypatch.delenv("UITEST_URL", raising=False)
    pytester.makepyfile(SHOWS)
    (pytester.path / "uitest.toml").write_text(
        'url = "http://file/"\nbrowser = ["firefox"]\nheaded = true\nretries = 1\n'
        'window-size = "800x600"\nlocale = "de"\n'
        '[ci]\nheaded = false\nheadless = "new"\n'
    )

    def saw(*arguments: str) -> str:
        result = pytester.runpytest_inprocess("-s", *arguments)
        result.assert_outcomes(passed=1)
        return next(line.partition("saw ")[2] for line in result.outlines if "saw " in line)

    assert saw() == "firefox headed (800, 600) de http://file"
    assert saw("--section", "ci") == "firefox new (800, 600) de http://file"
    monkeypatch.setenv("UITEST_SECTION", "ci")
    monkeypatch.setenv("UITEST_LOCALE", "fr")
    monkeypatch.setenv("UITEST_URL", "http://variable")
    assert saw() == "firefox new (800, 600) fr http://variable"
    pytester.makeini("[pytest]\nbase_url = http://ini\n")
    assert saw("--browser", "chrome", "--headless", "shell") == "chrome shell (800, 600) fr http://ini"
    assert saw("--base-url", "http://given/") == "firefox new (800, 600) fr http://given"
    folder = pytester.mkdir("below")
    monkeypatch.chdir(folder)
    assert saw("..").endswith("(800, 600) fr http://ini")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("windowsize = 1", "uitest.toml: unknown key 'windowsize' (did you mean 'window-size'?)"),
        ('window-size = "huge"', "'huge', from window-size in uitest.toml, is not valid for --window-size"),
        ('headless = "no"', "'no', from headless in uitest.toml, must be one of shell, new"),
        (
            'browser = "opera"',
            "unknown browser 'opera'; choose from chrome, firefox, webkit (the value is from browser in",
        ),
        ("browser =\n", "uitest.toml:1:10: this is not TOML"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_mistake_in_the_configuration_file_ends_pytest_with_one_line(
    pytester: pytest.Pytester, workers: tuple[str, ...], text: str, message: str
) -> None:
    """A mistake in the file ends pytest with one line, before any test runs."""
    pytester.makepyfile(PASSES)
    (pytester.path / "uitest.toml").write_text(text)
    result = pytester.runpytest_inprocess(*workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.errlines if line.strip()]
    assert len(lines) == 1
    assert message in lines[0]


@pytest.mark.parametrize("where", ["conftest", "plugin before ours", "plugin after ours"])
def test_options_of_other_plugins_are_theirs(pytester: pytest.Pytester, where: str) -> None:
    """Another plugin's ``--browser`` is its own, whatever the order; ours answers to ``--uitest-browser``."""
    if where == "conftest":
        pytester.makeconftest(OTHERS)
        order: list[str] = []
    else:
        pytester.makepyfile(others=OTHERS)
        pytester.syspathinsert()
        order = ["-p", "others"] if where == "plugin before ours" else []
        pytester.makeconftest("" if order else "pytest_plugins = ['others']")
    pytester.makepyfile(
        """
        def test_options(request, uitest_browser):
            assert uitest_browser == "firefox"
            assert request.config.getoption("their_browser") == ["netscape"]
            assert request.config.getoption("their_screenshot") == "always"
            assert request.config.getoption("their_driver") == "Remote"
        """
    )
    theirs = ["--browser", "netscape", "--headed", "--screenshot", "always", "--driver", "Remote"]
    result = pytester.runpytest_inprocess(*order, *theirs, "--uitest-browser", "firefox")
    result.assert_outcomes(passed=1)


def test_driver_option_names_the_browser(pytester: pytest.Pytester) -> None:
    """``--driver Firefox``, as pytest-selenium has it, names the browser."""
    pytester.makepyfile("def test_case(uitest_browser): assert uitest_browser == 'firefox'")
    pytester.runpytest_inprocess("--driver", "Firefox").assert_outcomes(passed=1)


def test_option_value_is_not_taken_for_a_folder(pytester: pytest.Pytester) -> None:
    """A value of one of our options is not taken for a folder: the suite's own options are still found."""
    suite = pytester.mkdir("suite")
    (suite / "conftest.py").write_text(
        "def pytest_addoption(parser): parser.addoption('--theirs')\n"
        "def pytest_report_header(config): return f'theirs: {config.getoption(\"--theirs\")}'\n"
    )
    (suite / "test_one.py").write_text("def test_case(uitest_browser): assert uitest_browser == 'firefox'\n")
    pytester.makeini("[pytest]\ntestpaths = suite\n")
    result = pytester.runpytest_inprocess("--browser", "firefox", "--theirs=found")
    result.stdout.fnmatch_lines(["*theirs: found*"])
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_two_tests_with_one_id_are_refused(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """Two tests with one id are refused, and both are named."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.case("tc001")
        def test_one(): pass

        @pytest.mark.case("tc001")
        def test_two(): pass
        """
    )
    result = pytester.runpytest_inprocess(*workers)
    output = result.stdout.str() + result.stderr.str()
    # xdist tells nothing of what is raised in a worker, so there every test fails with the reason.
    assert result.ret == (pytest.ExitCode.TESTS_FAILED if workers else pytest.ExitCode.USAGE_ERROR)
    assert "'tc001' names two tests" in output
    assert "::test_one and " in output
    assert "::test_two: change one of the ids" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("mark", ["case", "case()", "case('')", "case(1)", "case('a', 'b')"])
def test_case_mark_takes_exactly_one_text(pytester: pytest.Pytester, mark: str) -> None:
    """A ``case`` mark takes exactly one text."""
    pytester.makepyfile(f"import pytest\n@pytest.mark.{mark}\ndef test_one(): pass")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*::test_one: @pytest.mark.case takes one text*"])


def test_parameters_are_part_of_the_id(pytester: pytest.Pytester) -> None:
    """One mark on a parametrised test makes a case of each parameter; ``-k`` finds them by id."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.case("tc001")
        @pytest.mark.parametrize("size", ["small", "large"])
        def test_one(uitest_browser, size): pass
        """
    )
    options = ["--browser", "chrome,webkit"]
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=4)
    pytester.runpytest_inprocess(*options, "-k", "tc001 and large").assert_outcomes(passed=2, deselected=2)


@pytest.mark.parametrize(("given", "expected"), [((), 0.05), (("--poll-frequency", "0.5"), 0.5)])
def test_waits_poll_often_unless_the_case_says_otherwise(
    pytester: pytest.Pytester, given: tuple[str, ...], expected: float
) -> None:
    """Waits look often unless told otherwise, also where a case names a frequency of its own."""
    pytester.makepyfile(
        f"""
        from selenium.webdriver.support.wait import WebDriverWait

        def test_default(): assert WebDriverWait(None, 1)._poll == {expected}

        def test_own(): assert WebDriverWait(None, 1, 2)._poll == WebDriverWait(None, 1, poll_frequency=2)._poll == 2
        """
    )
    pytester.runpytest_inprocess(*given).assert_outcomes(passed=2)
