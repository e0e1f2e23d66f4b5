"""Has Selenium import its modules for BiDi when a driver first uses one of them.

``selenium.webdriver.remote.webdriver`` imports all of them for its properties (``driver.script``, ``driver.network``
...), which takes half of the time in which Selenium is imported, and most suites use none. While that module is
executed, what it imports from ``selenium.webdriver.common.bidi`` is replaced by objects that import the class when they
are called. Imports of other modules, in other threads too, are left alone.

Fallback: if the module does not get along with that, because it derives a class from one of them for example, it is
executed again as it is.
"""

import builtins
import logging
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

LOGGER = logging.getLogger(__name__)

USER = "selenium.webdriver.remote.webdriver"
BIDI = "selenium.webdriver.common.bidi."


class LateClass:
    """Stands for a class in ``USER``'s namespace until it is called."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """An instance of the class, which takes this object's place from now on."""
        target = getattr(import_module(self._module), self._name)
        setattr(sys.modules[USER], self._name, target)
        return target(*args, **kwargs)


class LateModule:
    """Stands for a module of which ``USER`` imports classes."""

    def __init__(self, name: str) -> None:
        self._module = name

    def __getattr__(self, name: str) -> LateClass:
        """What stands for a class."""
        return LateClass(self._module, name)


class LateImports(Loader):
    """Executes ``USER`` with late imports."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the loader does it."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute it, with another ``__import__`` meanwhile."""
        before = builtins.__import__

        def late_import(
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            if fromlist and name.startswith(BIDI) and name not in sys.modules and globals is module.__dict__:
                return LateModule(name)
            return before(name, globals, locals, fromlist, level)

        known = dict(module.__dict__)
        builtins.__import__ = late_import
        try:
            self._loader.exec_module(module)
        except Exception:
            LOGGER.info("Selenium imports its modules for BiDi at once", exc_info=True)
        else:
            return
        finally:
            if builtins.__import__ is late_import:
                builtins.__import__ = before
            assert module.__spec__ is not None  # noqa: S101 - for the type checker
            module.__loader__ = module.__spec__.loader = self._loader
        module.__dict__.clear()
        module.__dict__.update({**known, "__loader__": self._loader})
        self._loader.exec_module(module)


class Finder(MetaPathFinder):
    """Finds ``USER`` only."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Its usual place, with a loader of ours."""
        if fullname != USER:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LateImports(spec.loader)
        return spec


def import_late() -> None:
    """Have it imported like that in this process, if it has not been imported; may be called again."""
    if USER not in sys.modules and not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
