"""The browser for WebKitWebDriver: one process that provides a separate web context for every WebDriver session.

It is a program, run by its path so that it loads only the standard library and WebKitGTK. WebKitWebDriver connects to
it (``--target``) instead of starting WebKitGTK's MiniBrowser for each session, so that GTK and WebKit's network process
start only once, which halves the cost of a session. A session is isolated as in a new MiniBrowser: it has a
WebKitWebContext with an ephemeral data manager (cookies, storages, caches, passwords, service workers) and its own web
processes, which end with it, even if they hang. Trade-off: all sessions share a network process; there are no toolbar
and tabs (each page is a window), permissions are denied and downloads cancelled.

It also knows what WebKitWebDriver does not tell: whether a page is about to navigate. WebKit asks for permission
(``decide-policy``) before it begins a navigation (``resource-load-started``); the number of navigations in between is
the first byte of the file that ``--navigations`` names in the temporary folder, for ``Server.pending_navigations``.

Self-check: ``host_check`` creates two sessions in it, once per version of the library. Fallback: a MiniBrowser for each
session. ``python -m bench shortcuts`` measures what it is worth.

It uses ctypes and not PyGObject, which would have to be installed, and which keeps a reference to the view returned
from ``create-web-view``, so that a session's processes would never end.
"""

import argparse
import os
import tempfile
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint64, c_ulong, c_void_p
from ctypes import cast as as_type
from pathlib import Path
from typing import Any

_GOBJECT, _GTK, _WEBKIT = CDLL("libgobject-2.0.so.0"), CDLL("libgtk-3.so.0"), CDLL("libwebkit2gtk-4.1.so.0")

NOW = -100
"""GLib's high priority, before events of sockets."""

RECORDER = """
if (!window.__uitestConsole) {
  const lines = [];
  Object.defineProperty(window, "__uitestConsole", {value: lines});
  const now = performance.now.bind(performance), origin = performance.timeOrigin;
  const keep = (level, words) => { if (lines.length < 2000) lines.push([origin + now(), level, words]); };
  for (const level of ["debug", "log", "info", "warn", "error"]) {
    const original = console[level];
    console[level] = function (...words) {
      keep(level.toUpperCase(), words.map(String).join(" "));
      return original.apply(this, words);
    };
  }
  addEventListener("error", event => keep("ERROR", event.message || `cannot load ${event.target.outerHTML}`), true);
  addEventListener("unhandledrejection", event => keep("ERROR", "unhandled rejection: " + event.reason));
}
"""
"""Records a page's console, which WebKitWebDriver does not offer; runs before each page's own scripts."""

TOP_FRAME, AT_START = 1, 0
"""WebKit's constants for where and when to inject a script."""

NAVIGATION_ACTION = 0
"""WebKit's constant for the decision whether a frame may navigate."""


class Rectangle(Structure):
    """GDK's rectangle, in pixels."""

    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


def _function(library: CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


OBJECT = c_void_p
# Callbacks of GLib; further arguments of a signal are ignored.
EVENT = CFUNCTYPE(None, OBJECT)
EVENT_WITH = CFUNCTYPE(None, OBJECT, OBJECT)
VIEW = CFUNCTYPE(OBJECT, OBJECT)
DECISION = CFUNCTYPE(c_int, OBJECT, OBJECT, c_int)
RESOURCE = CFUNCTYPE(None, OBJECT, OBJECT, OBJECT)
TASK = CFUNCTYPE(c_int)

_unref = _function(_GOBJECT, "g_object_unref", None, OBJECT)
_connect = _function(_GOBJECT, "g_signal_connect_data", c_ulong, OBJECT, c_char_p, c_void_p, c_void_p, c_void_p, c_int)
_soon = _function(_GOBJECT, "g_idle_add_full", c_int, c_int, TASK, c_void_p, c_void_p)

_init = _function(_GTK, "gtk_init", None, c_void_p, c_void_p)
_main = _function(_GTK, "gtk_main", None)
_window = _function(_GTK, "gtk_window_new", OBJECT, c_int)
_set_size = _function(_GTK, "gtk_window_set_default_size", None, OBJECT, c_int, c_int)
_add = _function(_GTK, "gtk_container_add", None, OBJECT, OBJECT)
_show_all = _function(_GTK, "gtk_widget_show_all", None, OBJECT)
_destroy = _function(_GTK, "gtk_widget_destroy", None, OBJECT)
_present = _function(_GTK, "gtk_window_present", None, OBJECT)
_toplevel = _function(_GTK, "gtk_widget_get_toplevel", OBJECT, OBJECT)

_allow_automation = _function(_WEBKIT, "webkit_web_context_set_automation_allowed", None, OBJECT, c_int)
_ephemeral = _function(_WEBKIT, "webkit_website_data_manager_new_ephemeral", OBJECT)
_set_itp = _function(_WEBKIT, "webkit_website_data_manager_set_itp_enabled", None, OBJECT, c_int)
_cancel = _function(_WEBKIT, "webkit_download_cancel", None, OBJECT)
_end_process = _function(_WEBKIT, "webkit_web_view_terminate_web_process", None, OBJECT)
_properties = _function(_WEBKIT, "webkit_web_view_get_window_properties", OBJECT, OBJECT)
_script = _function(_WEBKIT, "webkit_user_script_new", c_void_p, c_char_p, c_int, c_int, c_void_p, c_void_p)
_add_script = _function(_WEBKIT, "webkit_user_content_manager_add_script", None, OBJECT, c_void_p)
_geometry = _function(_WEBKIT, "webkit_window_properties_get_geometry", None, OBJECT, POINTER(Rectangle))
_info = _function(_WEBKIT, "webkit_application_info_new", c_void_p)
_info_unref = _function(_WEBKIT, "webkit_application_info_unref", None, c_void_p)
_set_name = _function(_WEBKIT, "webkit_application_info_set_name", None, c_void_p, c_char_p)
_set_version = _function(_WEBKIT, "webkit_application_info_set_version", None, c_void_p, c_uint64, c_uint64, c_uint64)
VERSION = tuple(_function(_WEBKIT, f"webkit_get_{part}_version", c_int)() for part in ("major", "minor", "micro"))
_action_of = _function(_WEBKIT, "webkit_navigation_policy_decision_get_navigation_action", OBJECT, OBJECT)
_request_of = _function(_WEBKIT, "webkit_navigation_action_get_request", OBJECT, OBJECT)
_is_redirect = _function(_WEBKIT, "webkit_navigation_action_is_redirect", c_int, OBJECT)
_requested = _function(_WEBKIT, "webkit_uri_request_get_uri", c_char_p, OBJECT)
_address = _function(_WEBKIT, "webkit_web_view_get_uri", c_char_p, OBJECT)
_introduce = _function(_WEBKIT, "webkit_automation_session_set_application_info", None, OBJECT, c_void_p)


def _new(kind: str, **properties: bool | int | str | None) -> int:
    """A new WebKit object; numbers are pointers to other objects, and None leaves a property unset."""
    arguments: list[Any] = []
    for name, value in properties.items():
        if value is not None:
            arguments.append(name.replace("_", "-").encode())
            arguments.append(
                c_int(value)
                if isinstance(value, bool)
                else OBJECT(value)
                if isinstance(value, int)
                else c_char_p(value.encode())
            )
    make = _GOBJECT.g_object_new
    make.restype = OBJECT
    kind_of = _function(_WEBKIT, f"webkit_{kind}_get_type", c_size_t)
    created: int = make(c_size_t(kind_of()), *arguments, None)
    return created


class Navigations:
    """Addresses of navigations that are about to begin, with their number in a file."""

    def __init__(self, file: Path) -> None:
        """Create the file."""
        self._addresses: list[bytes] = []
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        self._write()

    def add(self, address: bytes) -> None:
        """A navigation is about to begin."""
        self._addresses.append(address)
        self._write()

    def end(self, address: bytes) -> None:
        """A resource is being loaded: the navigation to its address, if there is one, has begun."""
        if address in self._addresses:
            self._addresses.remove(address)
            self._write()

    def clear(self) -> None:
        """No navigation is about to begin."""
        self._addresses.clear()
        self._write()

    def _write(self) -> None:
        os.pwrite(self._file, bytes([min(len(self._addresses), 255)]), 0)


def loads(address: bytes, current: bytes) -> bool:
    """Whether a navigation loads anything: not for a fragment of the current page, or an empty page."""
    page, fragment, _ = address.partition(b"#")
    return not address.startswith(b"about:") and not (fragment and page == current.partition(b"#")[0])


class WebKitHost:
    """Serves one session after another, each in a new context."""

    def __init__(self, size: tuple[int, int], user_agent: str | None, navigations: Path) -> None:
        self._size = size
        self._views: set[int] = set()
        self._navigations = Navigations(navigations)
        self._context = 0
        self._settings = _new("settings", enable_webgl=True, enable_media_stream=True, user_agent=user_agent)
        self._content = _new("user_content_manager")
        _add_script(self._content, _script(RECORDER.encode(), TOP_FRAME, AT_START, None, None))
        # Ephemeral sessions share the network process of a persistent data manager, which this one is for.
        folder = tempfile.mkdtemp()
        self._keeper = _new("website_data_manager", base_data_directory=folder, base_cache_directory=folder)
        _set_itp(self._keeper, False)  # any first call creates the manager
        self._renewal = TASK(self._renew)
        self._handlers = {
            "automation-started": EVENT_WITH(lambda _, session: self._begin(session)),
            "download-started": EVENT_WITH(lambda _, download: self._refuse(download)),
            "create-web-view": VIEW(lambda _: self._open(web_context=self._context)),
            "will-close": EVENT(lambda _: _soon(NOW, self._renewal, None, None)),
            "create": VIEW(lambda opener: self._open(related_view=opener)),
            "ready-to-show": EVENT(self._show),
            "grab-focus": EVENT(lambda view: _present(_toplevel(view))),  # as WebDriver switches windows
            "close": EVENT(lambda view: _destroy(_toplevel(view))),
            "destroy": EVENT(self._forget),
            "decide-policy": DECISION(self._note_decision),
            "resource-load-started": RESOURCE(lambda _, __, request: self._navigations.end(_requested(request))),
        }
        self._renew()

    def _on(self, source: int, *signals: str) -> None:
        for signal in signals:
            _connect(source, signal.encode(), as_type(self._handlers[signal], c_void_p), None, None, 0)

    def _renew(self) -> int:
        """Dispose of the last session's context, and create a new one for the next session."""
        if self._context:
            _allow_automation(self._context, False)  # only one context may take sessions
            for view in tuple(self._views):
                _end_process(view)  # else a busy page would run for seconds
                _destroy(_toplevel(view))
            _unref(self._context)
        manager = _ephemeral()
        self._context = _new(
            "web_context",
            website_data_manager=manager,
            process_swap_on_cross_site_navigation_enabled=True,
            use_system_appearance_for_scrollbars=False,
        )
        _unref(manager)
        self._taken = False
        self._navigations.clear()
        self._on(self._context, "automation-started", "download-started")
        _allow_automation(self._context, True)
        return 0  # G_SOURCE_REMOVE: do not call again

    def _begin(self, session: int) -> None:
        """Accept a session; a second one in the same context gets no page and fails to start."""
        about = _info()
        _set_name(about, b"MiniBrowser")
        _set_version(about, *VERSION)
        _introduce(session, about)
        _info_unref(about)
        self._on(session, "will-close", *(() if self._taken else ("create-web-view",)))
        self._taken = True

    def _open(self, **where: int) -> int:
        """A view in a new window; one that a page opens is shown when its size is known."""
        view = _new(
            "web_view",
            is_controlled_by_automation=True,
            settings=self._settings,
            user_content_manager=self._content,
            **where,
        )
        window = _window(0)
        _set_size(window, *self._size)
        _add(window, view)
        self._views.add(view)
        self._on(
            view, "create", "ready-to-show", "grab-focus", "close", "destroy", "decide-policy", "resource-load-started"
        )
        if "web_context" in where:
            _show_all(window)
        return view

    def _show(self, view: int) -> None:
        geometry, window = Rectangle(), _toplevel(view)
        _geometry(_properties(view), byref(geometry))
        if geometry.width > 0 and geometry.height > 0:
            _set_size(window, geometry.width, geometry.height)
        _show_all(window)

    def _note_decision(self, view: int, decision: int, kind: int) -> int:
        """Note a navigation that is about to begin; the decision itself is WebKit's."""
        if kind == NAVIGATION_ACTION:
            action = _action_of(decision)
            address = _requested(_request_of(action))
            if not _is_redirect(action) and loads(address, _address(view) or b""):
                self._navigations.add(address)
        return 0

    def _refuse(self, download: int) -> None:
        self._navigations.clear()  # a navigation has become a download
        _cancel(download)

    def _forget(self, view: int) -> None:
        self._views.discard(view)


def main() -> None:
    """Serve sessions at the address in ``WEBKIT_INSPECTOR_SERVER`` until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--automation", action="store_true", required=True)
    parser.add_argument("--geometry", type=lambda text: tuple(map(int, text.split("x"))), required=True)
    parser.add_argument("--user-agent")
    parser.add_argument("--navigations", required=True)
    options = parser.parse_args()
    _init(None, None)
    _browser = WebKitHost(options.geometry, options.user_agent, Path(tempfile.gettempdir(), options.navigations))
    _main()


if __name__ == "__main__":
    main()
