"""The package as a whole: its version, what it exports, and what importing it costs."""

import importlib
import importlib.metadata
import importlib.resources
import inspect
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import autograd_mini as ag

HEAVY = {
    "asyncio",
    "doctest",
    "graphviz",
    "hypothesis",
    "jax",
    "matplotlib",
    "multiprocessing",
    "numpy.f2py",
    "numpy.testing",
    "pandas",
    "PIL",
    "pytest",
    "rich",
    "scipy",
    "sqlite3",
    "torch",
    "unittest",
    "urllib.request",
    "xml",
}


def python(source: str) -> str:
    """Run `source` in a new interpreter, and return what it prints."""
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    return run.stdout


def modules() -> list[str]:
    """Return the names of all modules of the package."""
    found = pkgutil.walk_packages(ag.__path__, prefix="autograd_mini.")
    return [module.name for module in found]


def test_the_version_is_the_one_that_is_installed():
    try:
        installed = importlib.metadata.version("autograd_mini")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the package is run from its folder, not installed")
    assert ag.__version__ == installed


def test_every_exported_name_exists_and_says_what_it_is():
    assert sorted(ag.__all__) == sorted(set(ag.__all__))
    for name in ag.__all__:
        assert inspect.getdoc(getattr(ag, name)), name


def test_every_module_says_what_it_is():
    for name in modules():
        assert importlib.import_module(name).__doc__, name


def test_what_a_module_exports_exists():
    for name in modules():
        module = importlib.import_module(name)
        missing = [n for n in getattr(module, "__all__", ()) if not hasattr(module, n)]
        assert not missing, name


def test_importing_the_package_loads_nothing_heavy():
    loaded = python("import sys, autograd_mini; print(*sys.modules)").split()
    heavy = {m for m in loaded if m in HEAVY or m.split(".")[0] in HEAVY}
    with_numpy = set(python("import sys, numpy; print(*sys.modules)").split())
    assert heavy <= with_numpy, f"loaded by the import: {sorted(heavy - with_numpy)}"


def test_what_draws_and_reports_is_imported_when_it_is_used():
    later = ("data", "pictures", "plot", "reports")
    source = "import sys, autograd_mini as ag; {}; print(*sys.modules)"
    for use, expected in {"0": set(), "ag.draw": {"pictures"}, "ag.summary": {"reports"}}.items():
        loaded = python(source.format(use)).split()
        found = {name for name in later if f"autograd_mini.{name}" in loaded}
        assert found - {"reports"} == expected - {"reports"}, use
        assert expected <= found, use
    loaded = python("import sys, autograd_mini as ag; ag.draw; print(*sys.modules)").split()
    assert not {"graphviz", "matplotlib", "rich"} & set(loaded)


def test_importing_the_package_leaves_numpys_settings_alone():
    state = "np.geterr(), np.get_printoptions(), np.random.get_state()[1][0]"
    source = f"import numpy as np; a = {state}; import autograd_mini; print(a == ({state}))"
    assert python(source) == "True\n"


def test_importing_the_package_prints_and_warns_nothing():
    command = [sys.executable, "-W", "error", "-c", "import autograd_mini"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == run.stderr == ""


def test_the_package_says_that_it_is_typed():
    assert importlib.resources.files("autograd_mini").joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", ["Tensor", "grad", "nn", "optim", "data", "testing", "primitive"])
def test_the_names_that_a_user_would_guess_are_there(name):
    assert hasattr(ag, name)
    assert name in dir(ag)


def test_numpy_is_not_wrapped():
    assert type(np.tanh) is np.ufunc
    assert not hasattr(ag, "numpy")
