"""What IPython understands beside Python: magics, ``!`` and ``?``, and what of that has to do with names."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_WORK = 3_000_000
"""Characters: IPython reads a cell once more for each line of its own syntax."""

_SPECIAL_LINE = re.compile(r"^\s*[%!?/,;]|\?\s*$|=\s*[%!]", re.MULTILINE)
_EXPANDED = re.compile(r"\$(\w+)|\{([^{}]*)\}")
_NAME = re.compile(r"[^\W\d]\w*")
_OPTIONS = re.compile(r"(?:-{1,2}\w+(?:[ =]?\d+)?\s+)*")
_BOUND_BY_OPTION = re.compile(r"--(?:out|err|proc)[ =](\w+)")

_TIMES = frozenset({"time", "timeit", "prun", "memit"})
_TRANSPARENT = _TIMES | {"capture"}
_OTHER_PROGRAMS = frozenset(
    "bash sh script cmd perl ruby pypy python python2 python3 javascript js html HTML svg SVG latex markdown "  # noqa: SIM905
    "writefile file sx system !".split()
)
_NAMELESS = frozenset(
    "matplotlib load_ext reload_ext unload_ext autoreload pip conda mamba micromamba uv cd pwd ls ll mkdir rm rmdir "  # noqa: SIM905
    "cp mv cat man more env set_env config who whos who_ls history hist lsmagic magic precision pdoc pfile psource "
    "pinfo pinfo2 psearch colors xmode pdb debug tb gui alias unalias dirs pushd popd logstart logstop logon logoff "
    "logstate notebook doctest_mode quickref automagic autocall code_wrap sx system pprint page load loadpy "
    "killbgscripts bookmark".split()
)


@dataclass(frozen=True, slots=True)
class Magic:
    """What a magic does to the names of a cell.

    Attributes:
        code: Python that it runs.
        keeps: whether the names that this sets stay.
        reads: names that it reads.
        binds: names that it sets.
        is_unknown: whether it may read and set anything.
    """

    code: str = ""
    keeps: bool = True
    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    is_unknown: bool = False


def to_python(source: str) -> str:
    """A cell as IPython hands it to Python.

    Raises:
        SyntaxError, RuntimeError: it is none, or takes too long to find out.
    """
    from IPython.core.inputtransformer2 import TransformerManager  # late: few cells need it

    if len(_SPECIAL_LINE.findall(source)) * len(source) > _MOST_WORK and not source.lstrip().startswith("%%"):
        raise RuntimeError("too many magics")
    return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


def line_magic(name: str, line: str) -> Magic:
    """``%name line``."""
    if name in _TIMES:
        return Magic(_OPTIONS.sub("", line, count=1), name != "timeit")
    if name in ("run", "rerun", "recall", "rep", "reset", "reset_selective", "edit", "ed", "macro", "pylab", "store"):
        return Magic(is_unknown=name != "store" or "-r" in line)
    if name in _NAMELESS:
        return Magic(reads=expanded(line))
    return Magic(reads=frozenset(_NAME.findall(line)))


def cell_magic(name: str, line: str, body: str) -> Magic:
    """``%%name line``, and what is below it."""
    if name == "capture":
        given = [word for word in line.split() if not word.startswith("-")]
        return Magic(body, binds=frozenset(given[:1]))
    if name in _TRANSPARENT:
        return Magic(f"{_OPTIONS.sub('', line, count=1)}\n{body}", name != "timeit")
    if name in _OTHER_PROGRAMS:
        return Magic(reads=expanded(line), binds=frozenset(_BOUND_BY_OPTION.findall(line)))
    return Magic(is_unknown=True)


def expanded(line: str) -> frozenset[str]:
    """The names whose values IPython puts into a line: ``$name`` and ``{name}``."""
    return frozenset(name for found in _EXPANDED.findall(line) for text in found for name in _NAME.findall(text))
