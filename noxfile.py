"""The developer tasks. Run them as ``python3 dev.py <task>``; docs/developers.md describes each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

from devtools import kernels, report, system
from devtools.environment import ROOT, Environment, digests

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "none"  # tasks share the environments of devtools.environment
nox.options.error_on_external_run = False

PROJECT = nox.project.load_toml("pyproject.toml")
TOOLS = {
    "5": ["build", "lint", "test", "stores", "programs", "kernels", "demo"],
    "4": ["build", "test", "kernels", "demo"],  # what pytest-4 runs needs no more
}
COLLABORATION = {"5": "jupyter-collaboration>=5,<6", "4": "jupyter-collaboration>=4.4,<5"}
REPORTS = ROOT / ".nox" / "reports"
CI_STEPS = ["lint", "types", "jest", "wheel", "pytest-4", "ui", "pytest-5", "report"]


def tools(session: nox.Session, collaboration: str = "5") -> Environment:
    """The environment with the tools, everything the package needs, and this version of jupyter-collaboration."""
    return _environment(session, f"collaboration-{collaboration}", COLLABORATION[collaboration], TOOLS[collaboration])


def _environment(session: nox.Session, name: str, collaboration: str, groups: list[str]) -> Environment:
    chosen = Environment(session, name)
    project = PROJECT["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["testing"]]
    # All in one go, so that pip solves for all of it at once.
    chosen.install([collaboration, *needed, *nox.project.dependency_groups(PROJECT, *groups)])
    return chosen


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Start JupyterLab with collaboration on the demo notebook; `--headless` runs it and prints what lies where."""
    chosen = _environment(session, "demo", COLLABORATION["5"], ["build", "demo"])
    chosen.build_lab_extension()
    chosen.install_package()
    chosen.run("python", "-m", "demo", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """Everything that CI runs: all the tasks below but fix, build, bench and demo."""
    report.forget(REPORTS)
    for step in CI_STEPS:
        session.notify(step, posargs=[])
    # Each of these waits for the network, or keeps one core busy.
    work: list[Callable[[], object]] = [
        lambda: tools(session).install_node_modules(),
        lambda: tools(session, "4"),
        _install_programs,
    ]
    with ThreadPoolExecutor(len(work)) as threads:
        for installed in [threads.submit(each) for each in work]:
            installed.result()


def _install_programs() -> None:
    system.chromium()
    if not system.sftp_server():
        print("OpenSSH's server is not installed: its tests will be skipped.")
    if not system.r_kernel():
        print("R's Jupyter kernel is not in this machine's package manager: its tests will be skipped.")
    system.azurite(ROOT / ".nox" / "azurite")


@nox.session(default=False)
def lint(session: nox.Session) -> None:
    """Check style and layering: ruff, import-linter, eslint, prettier."""
    chosen = tools(session)
    chosen.install_node_modules()
    chosen.run("ruff", "check", ".")
    chosen.run("ruff", "format", "--check", ".")
    chosen.run("lint-imports", env={"PYTHONPATH": str(ROOT)})
    chosen.run("jlpm", "eslint")
    chosen.run("jlpm", "prettier", "--check")


@nox.session(default=False)
def fix(session: nox.Session) -> None:
    """Repair what ruff, eslint and prettier can repair."""
    chosen = tools(session)
    chosen.install_node_modules()
    chosen.run("ruff", "check", "--fix", ".")
    chosen.run("ruff", "format", ".")
    chosen.run("jlpm", "lint")


@nox.session(default=False)
def types(session: nox.Session) -> None:
    """Check types: mypy --strict, tsc."""
    chosen = tools(session)
    chosen.install_node_modules()
    chosen.run("mypy")
    chosen.run("jlpm", "lint:types")


@nox.session(default=False)
def jest(session: nox.Session) -> None:
    """Unit tests of the lab extension."""
    chosen = tools(session)
    chosen.install_node_modules()
    REPORTS.mkdir(parents=True, exist_ok=True)
    chosen.run("jlpm", "test", "--json", f"--outputFile={REPORTS / 'jest.json'}", *session.posargs)


@nox.session(default=False, name="pytest-5")
def pytest_5(session: nox.Session) -> None:
    """Python tests on jupyter-collaboration 5, with every sixteenth notebook of the differential suite.

    With CRDT_OUTPUTS_LONG=1, all notebooks.
    """
    _pytest(session, "pytest-5", "tests", "--sample=16", collaboration="5")


@nox.session(default=False, name="pytest-4")
def pytest_4(session: nox.Session) -> None:
    """The same on jupyter-collaboration 4.4, of what has to do with open documents, with every 24th notebook.

    Without the tests of faults of stores and of other kernels.
    """
    tests = [f"tests/{folder}" for folder in ("crash", "differential", "document", "kernel")]
    elsewhere = [f"--ignore=tests/kernel/test_{name}.py" for name in ("far_store", "floods", "other_kernels")]
    _pytest(session, "pytest-4", *tests, *elsewhere, "--sample=24", collaboration="4")


@nox.session(default=False)
def ui(session: nox.Session) -> None:
    """What people see: two browsers on one notebook, with screenshots in ui-tests/screenshots/."""
    _pytest(session, "ui", "ui-tests", collaboration="5")


def _pytest(session: nox.Session, report_name: str, *tests: str, collaboration: str) -> None:
    _install_programs()
    chosen = tools(session, collaboration)
    kernels.install(chosen.home, chosen.bin)
    chosen.build_lab_extension()
    REPORTS.mkdir(parents=True, exist_ok=True)
    # A file stays with one worker, and so does the server that its tests share. Real browsers, kernels and servers on
    # two busy cores now and then miss a deadline of their own: what fails is run again, and the summary names it.
    options = session.posargs or [
        *tests,
        "--numprocesses=4",
        "--dist=loadfile",
        "--reruns=3",
        "--reruns-delay=2",
        "--rerun-show-tracebacks",  # of the first failure, too: a race shows itself there, and a retry hides it
        "-rfE",
        "--durations=10",
    ]
    chosen.run("python", "-m", "pytest", f"--junit-xml={REPORTS / report_name}.xml", *options)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure against stock jupyter-collaboration; the options are those of `python -m benchmarks`."""
    tools(session).run("python", "-m", "benchmarks", *session.posargs)


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Build the wheel and the source distribution into dist/."""
    _build(session, ROOT / "dist")


@nox.session(default=False)
def wheel(session: nox.Session) -> None:
    """Build a wheel, install it as a user would where there is no Node.js, see that Jupyter switches it on; and off."""
    home = ROOT / ".nox" / "user"
    built = _build(session, home / "dist")
    user = Environment(session, "wheel")
    user.install([str(built)], inputs=digests([built.name], built.parent), anew=True)
    user.run("python", str(ROOT / "devtools" / "check_installation.py"), cwd=home)
    user.run("python", "-m", "pip", "uninstall", "--quiet", "--yes", "jupyter-crdt-outputs")
    try:
        user.run("python", str(ROOT / "devtools" / "check_uninstalled.py"), cwd=home)
    finally:
        user.run("python", "-m", "pip", "install", "--quiet", "--no-deps", str(built))


def _build(session: nox.Session, out: Path) -> Path:
    """The new wheel in *out*; a source distribution lies beside it."""
    chosen = tools(session)
    chosen.build_lab_extension()
    shutil.rmtree(out, ignore_errors=True)
    chosen.run("python", "-m", "build", "--outdir", str(out))
    return next(out.glob("*.whl"))


@nox.session(default=False, name="report")
def show_report(session: nox.Session) -> None:
    """Gather what the test runners of the last `test` counted."""
    if not report.show(REPORTS):
        session.error("some test failed, or a test runner left no result")
