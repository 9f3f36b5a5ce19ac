"""Cells that are run from the terminal, on a server that has the notebook or on one of the command's own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.client import Client
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.tools.refused import Refused
from jupyter_crdt_outputs.tools.running.parameters import code_for, value
from jupyter_crdt_outputs.tools.running.redirection import file_in
from jupyter_crdt_outputs.tools.running.sinks import without_escapes

from ..kernel.tabs import write_notebook
from .program import Program
from .terminal import on_a_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and terminals")

SLEEPS = "print('begun', flush=True)\nimport time; time.sleep(60)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server with this extension."""
    with LabServer(tmp_path_factory.mktemp("run")) as running:
        yield running


@pytest.fixture
def shell(server: LabServer) -> Program:
    """The command of the user whose server that is."""
    return Program(server.home)


def outputs_in(file: Path) -> list[Any]:
    """What each cell has put out, as the file has it."""
    return [cell["outputs"] for cell in json.loads(file.read_text("utf-8"))["cells"]]


def begins(process: subprocess.Popen[bytes]) -> None:
    """Wait until a cell has printed its first line."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"


async def test_who_watches_sees_what_the_terminal_shows(server: LabServer, shell: Program) -> None:
    path = write_notebook(
        server, ["for i in range(3): print(i)", "print('\\x1b[31mred\\x1b[0m')\n'result'", "1/0", "2"]
    )
    async with LabClient.open(server, path) as tab:
        await tab.save()
        process = shell.start("run", str(server.root_dir / path))
        await tab.wait_until(lambda: bool(tab.outputs(2)), timeout_s=60)
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 1
        assert stdout.decode() == "0\n1\n2\nred\n'result'\n"
        assert "ZeroDivisionError: division by zero" in stderr.decode()
        assert stderr.decode().endswith("1 cell not run\n")
        assert [output.get("text") for output in tab.outputs(0)] == ["0\n1\n2\n"]
        assert tab.outputs(1)[1]["data"] == {"text/plain": "'result'"}
        kernel = tab.kernel.kernel_id
    with Client(server.url, server.token) as client:
        assert {each.record.kernel for each in client.executions(path=path)} == {kernel}


def test_on_its_own_server_a_notebook_is_run_saved_and_left_alone(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    program.environment |= {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    sources = ["x = 'no'", "import os\nprint('café', x, os.environ['FOO'])", "0 / 0"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["parameters"]
    file = tmp_path / "folder" / "n.ipynb"
    file.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
    arguments = ["run", str(file), "--param", "x=Käse", "--param", "n=1", "--env", "FOO=bar"]
    ran = program.run(*arguments, code=1, stderr=subprocess.DEVNULL)
    assert ran.stdout.decode("unicode-escape", "backslashreplace") == "café Käse bar\n"
    assert outputs_in(file)[1] == [{"output_type": "stream", "name": "stdout", "text": ["café Käse bar\n"]}]
    assert outputs_in(file)[2][0]["ename"] == "ZeroDivisionError"
    assert [cell["source"] for cell in nbformat.read(file, 4).cells] == sources
    assert {path.name for path in file.parent.iterdir()} <= {"n.ipynb", ".ipynb_checkpoints"}
    assert list((tmp_path / "home" / "runtime").glob("jpserver-*")) == []
    assert "café Käse bar" in program.run("outputs", str(file)).stdout.decode("unicode-escape")
    assert "no file" in program.error("run", str(tmp_path / "none.ipynb"), code=3)


def test_on_a_terminal_bars_move_colours_show_and_questions_are_asked(server: LabServer, shell: Program) -> None:
    sources = [
        "import time\nfor i in range(3):\n    print(i, end='\\r', flush=True); time.sleep(.2)\nprint('over')",
        "print('\\x1b[31mred\\x1b[0m\\x1b]52;c;aGVsbG8=\\x07')",
        "name = input('name? ')\nname.upper()",
        "import getpass\nlen(getpass.getpass('word? '))",
        "from IPython.display import Image, HTML, display\n"
        "from PIL import Image as P; import io, os\n"
        "b = io.BytesIO(); P.frombytes('RGB', (99, 99), os.urandom(29403)).save(b, 'png')\n"
        "display(Image(b.getvalue()))",
    ]
    path = write_notebook(server, sources)
    shell.environment["TERM"] = "xterm-256color"
    code, shown = on_a_terminal(
        shell, "run", str(server.root_dir / path), answers=[("name? ", "Bob\n"), ("word? ", "secret\n")]
    )
    assert code == 0
    assert "0\r\x1b[K1\r\x1b[K2\r\x1b[Kover\r\n" in shown
    assert "\x1b[31mred\x1b[0m\r\n" in shown
    assert "\x1b]52" not in shown  # which would write to the clipboard
    assert shown.count("name? ") == 1
    assert "'BOB'" in shown
    assert shown.index("word? ") < shown.index("6\r\n")
    digest = re.search(
        r"\x1b\]8;;http://127[^\x1b]*/artifacts/([0-9a-f]{64})\?type=image/png\x1b\\\[image/png, 99x99", shown
    )
    assert digest is not None, shown
    assert "········" in str(outputs_in(server.root_dir / path)[3])


def test_what_is_stale_is_listed_and_run(server: LabServer, shell: Program) -> None:
    path = write_notebook(server, ["x = 1", "print(x)"])
    file = str(server.root_dir / path)
    shell.run("run", file)
    assert shell.run("stale", path).stdout == b""
    assert b"nothing is stale" in shell.run("run", file, "--stale").stderr
    shell.run("run", file, "--index", "0")
    listed = json.loads(shell.run("stale", path, "--json").stdout)["cells"]
    assert [(each["stale"], len(each["because"])) for each in listed] == [("upstream", 1)]
    assert shell.run("stale", path, "--all").stdout.decode().split("\n")[2].split()[1] == "upstream"
    assert shell.run("run", file, "--stale").stdout == b"1\n"
    assert shell.run("stale", path).stdout == b""


def test_input_comes_from_a_pipe_and_its_end_ends_the_run(server: LabServer, shell: Program) -> None:
    path = write_notebook(server, ["input('a? ') + input('b? ')", "2"])
    process = shell.start("run", str(server.root_dir / path), stdin=subprocess.PIPE)
    stdout, stderr = process.communicate(b"x\ny\n", timeout=60)
    assert (process.returncode, stdout.decode()) == (0, "a?  x\nb?  y\n'xy'\n2\n")
    process = shell.start("run", str(server.root_dir / path), stdin=subprocess.PIPE)
    stdout, stderr = process.communicate(b"x\n", timeout=60)
    assert process.returncode == 1
    assert "asks for input, and there is none" in stderr.decode()


def test_ctrl_c_interrupts_the_kernel_and_a_second_one_ends_the_waiting(server: LabServer, shell: Program) -> None:
    path = write_notebook(server, [SLEEPS, "2"])
    with shell.start("run", str(server.root_dir / path)) as process:
        begins(process)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "KeyboardInterrupt" in stderr.decode()
    deaf = (
        "print('begun', flush=True)\nimport signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(5)"
    )
    path = write_notebook(server, [deaf])
    with shell.start("run", str(server.root_dir / path)) as process:
        begins(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "not waited for" in stderr.decode()
    with Client(server.url, server.token) as client:
        assert client.executions(path=path)[0].record.status == "running"


def test_time_that_is_up_and_streams_that_go_to_files(server: LabServer, shell: Program, tmp_path: Path) -> None:
    path = write_notebook(server, ["print('a\\rb'); print('é')\nimport sys; print('e', file=sys.stderr)", SLEEPS])
    out, err = tmp_path / "out", tmp_path / "err"
    arguments = ["run", str(server.root_dir / path), "--stdout", str(out), "--stderr", str(err), "--timeout", "1"]
    ran = shell.run(*arguments, code=124, stderr=subprocess.DEVNULL)
    assert ran.stdout == b""
    assert (out.read_text("utf-8"), err.read_text("utf-8")) == ("b\né\nbegun\n", "e\n")


def test_a_cell_names_files_only_in_a_folder_that_somebody_has_given(
    server: LabServer, shell: Program, tmp_path: Path
) -> None:
    cell = nbformat.v4.new_code_cell("print(1)\n2", metadata={"crdt-outputs": {"stdout": "log.txt"}})
    file = server.root_dir / "names a file.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), file)
    assert shell.text("run", str(file)) == "1\n2\n"
    assert shell.text("run", str(file), "--redirect-dir", str(tmp_path)) == "2\n"
    assert (tmp_path / "log.txt").read_text() == "1\n"
    (tmp_path / "link.txt").symlink_to(tmp_path / "elsewhere")
    for name in ("../log.txt", str(tmp_path / "x"), ".bashrc", "a/b", "", "a\\b", "a\n", 1, "link.txt"):
        with pytest.raises(Refused):
            file_in(tmp_path, name)


def test_what_runs_is_listed_followed_and_stopped(server: LabServer, shell: Program) -> None:
    path = write_notebook(server, [SLEEPS, "2"], tags={1: ["last"]})
    with shell.start("run", str(server.root_dir / path), "--json", "--name", "nightly") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert (first["event"], first["name"], first["text"]) == ("text", "stdout", "begun\n")
        listed = shell.json("ps")["executions"]
        ours = {each["id"]: each["status"] for each in listed if each["path"] == path}
        assert ours[first["execution"]] == "running"
        assert sorted(ours.values()) == ["queued", "running"]
        assert first["execution"] in shell.text("ps")
        assert "somebody who goes by 'nightly'" in shell.text("ps")
        assert shell.text("logs", first["execution"]) == "begun\n"
        follower = shell.start("logs", "-f", first["execution"])
        begins(follower)
        assert shell.json("stop", "--notebook", path)["executions"]
        _, stderr = follower.communicate(timeout=60)
        assert follower.returncode == 1
        assert "KeyboardInterrupt" in stderr.decode()
        process.communicate(timeout=60)
        assert process.returncode == 1
    stopped = shell.run("stop", first["execution"])
    assert (stopped.returncode, stopped.stdout) == (0, b"0 executions cancelled\n")
    assert f"{first['execution']} had ended already: cancelled" in stopped.stderr.decode()
    assert "no execution" in shell.error("logs", "01M807E89YY98Q2ZFTQQT9AVKF", code=3)
    assert "name executions" in shell.error("stop", code=2)
    assert shell.text("run", str(server.root_dir / path), "--tag", "last") == "2\n"
    assert shell.text("run", path, "--index", "-1", "--server", server.url) == "2\n"


def test_arguments_that_cannot_work_run_nothing(server: LabServer, shell: Program) -> None:
    path = write_notebook(server, ["print('ran')"])
    file = str(server.root_dir / path)
    assert "no cell 5" in shell.error("run", file, "--index", "5", code=3)
    assert "no cell is tagged" in shell.error("run", file, "--param", "x=1", code=2)
    assert "does not answer" in shell.error("run", path, "--server", "http://127.0.0.1:1", code=16)
    shell.run("run", file)
    assert "environment" in shell.error("run", file, "--env", "A=b", code=12)


def test_a_language_has_its_own_way_of_saying_a_parameter() -> None:
    assert 'x = "a b"' in code_for("python3", "python", {"x": "a b"})
    assert "x = TRUE" in code_for("ir", "R", {"x": True})
    with pytest.raises(Refused, match="cobol"):
        code_for("cobol", "cobol", {"x": 1})


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", 1), ("1.5", 1.5), ("True", True), ("None", None), ("nan", "nan"), ("a b", "a b"), ("'1'", "'1'"), ("", "")],
)
def test_a_value_is_what_papermill_takes_it_for(text: str, meant: object) -> None:
    assert value(text) == meant
    assert type(value(text)) is type(meant)


@pytest.mark.parametrize(
    ("text", "clean", "coloured"),
    [
        ("\x1b[1;31mred\x1b[0m", "red", "\x1b[1;31mred\x1b[0m"),
        ("\x1b]0;title\x07a\x1b[2Jb\x1b[?25lc", "abc", "abc"),
        ("\x1bP1$r\x1b\\a\x1bcb\x9b5nc", "ab5nc", "ab5nc"),
        ("a\tb\nc\x00\x08", "a\tb\nc", "a\tb\nc"),
    ],
)
def test_of_escapes_only_colours_reach_a_terminal(text: str, clean: str, coloured: str) -> None:
    assert without_escapes(text, keep_colours=False) == clean
    assert without_escapes(text, keep_colours=True) == coloured


@pytest.mark.skipif(not os.environ.get("CRDT_OUTPUTS_LONG"), reason="starts one more server")
@pytest.mark.long
def test_the_own_server_ends_with_a_command_that_is_killed(tmp_path: Path, waits_for: Callable[..., None]) -> None:
    program = Program(tmp_path / "home")
    file = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLEEPS)]), file)
    with program.start("run", str(file)) as process:
        begins(process)
        (info,) = (tmp_path / "home" / "runtime").glob("jpserver-*.json")
        pid = json.loads(info.read_text())["pid"]
        process.kill()
    waits_for(lambda: not is_alive(pid))
    assert "begun" in str(outputs_in(file))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def waits_for() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait


@pytest.mark.skipif(not os.environ.get("CRDT_OUTPUTS_LONG"), reason="waits 15 s")
@pytest.mark.long
def test_a_server_that_ends_in_mid_run_is_told(tmp_path: Path) -> None:
    with LabServer(tmp_path) as server:
        path = write_notebook(server, [SLEEPS])
        with Program(server.home).start("run", str(server.root_dir / path)) as process:
            begins(process)
            server.kill()
            _, stderr = process.communicate(timeout=60)
        assert process.returncode == 16
        assert "does not answer" in stderr.decode()


def test_outputs_are_read_alike_on_the_server_and_in_the_file(
    server: LabServer, shell: Program, tmp_path: Path
) -> None:
    png = "import io, os\nfrom PIL import Image as P\nb = io.BytesIO()\n"
    png += "P.frombytes('RGB', (99, 99), os.urandom(29403)).save(b, 'png')"
    sources = [
        "for i in range(50_000): print(f'\\x1b[31m{i}\\x1b[0m')",
        "1/0",
        f"{png}\nfrom IPython.display import Image, display\ndisplay(Image(b.getvalue()))",
        "x = 1",
    ]
    path = write_notebook(server, sources)
    with Client(server.url, server.token) as client:
        client.wait(client.start(path, stop_on_error=False))
        ids = [cell.id for cell in client.cells(path).cells]
    shell.run("run", str(server.root_dir / path), "--index", "3")  # and see it saved
    here = shell.text("outputs", str(server.root_dir / path))
    there = shell.text("outputs", path, "--server", server.url)
    printed = "".join(f"{i}\n" for i in range(50_000))
    for text in (here, there):
        assert text.startswith(f"## cell 0 · {ids[0]} · code · [1]\n-- 0 stream · stdout\n{printed}")
        assert "-- 0 error · ZeroDivisionError · division by zero\n" in text
        assert "[image/png 99x99, " in text
        assert ids[3] not in text
    assert f"{server.url}api/crdt-outputs/" in there
    said = shell.lines("outputs", path, "--server", server.url)
    assert [(cell["cell"], cell["index"]) for cell in said] == [(id_, index) for index, id_ in enumerate(ids[:3])]
    assert said[0]["outputs"][0]["text"] == printed
    pictures = []
    for name, where in (("a", [str(server.root_dir / path)]), ("b", [path, "--server", server.url])):
        assert str(tmp_path / name) in shell.text("outputs", *where, "--images", str(tmp_path / name))
        [file] = (tmp_path / name).iterdir()
        pictures.append(file.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")
