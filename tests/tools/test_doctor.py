"""``doctor``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jupyter_crdt_outputs

from .program import Program


def checks(told: Any) -> dict[str, Any]:
    return {each["name"]: each for each in told["checks"]}


def test_the_doctor_tries_the_store_that_the_server_would_use_and_leaves_nothing_there(
    program: Program, tmp_path: Path
) -> None:
    store = tmp_path / "kept here"
    program.configure(store_url=str(store), document_max_bytes=5000, file_max_bytes_for={"handouts/": None})
    told = program.json("doctor")
    found = checks(told)
    assert told["ok"]
    assert found["jupyter-crdt-outputs"]["message"].startswith(jupyter_crdt_outputs.__version__)
    assert found["store"]["message"] == str(store)
    assert found["store_url"]["origin"] == str(tmp_path / "jupyter_server_config.json")
    assert found["document_max_bytes"]["message"] == "5000"
    assert found["save_interval_s"]["origin"] == "default"
    for name in ("list", "write", "read", "delete", "clock", "room"):
        assert found[f"store, {name}"]["level"] == "ok", found
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_the_doctor_asks_a_bucket_too(program: Program, s3: str) -> None:
    found = checks(program.json("doctor", "--store", s3))
    assert found["store"]["message"] == s3
    assert found["store, clock"]["level"] == found["store, delete"]["level"] == "ok"


def test_each_fault_has_its_line_and_the_first_one_its_exit_code(program: Program) -> None:
    program.configure(store_url="s4://bucket/outputs", document_max_bytes=1)
    lines = program.text("doctor", code=2).splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    assert len(errors) == 2
    assert "document_max_bytes = 1 cannot work" in errors[0]
    assert "s4:// is not known: give an absolute path" in errors[1]


def test_a_driver_that_is_missing_is_named_with_what_installs_it(program: Program, tmp_path: Path) -> None:
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "s3fs.py").write_text("raise ImportError('hidden')")
    program.environment["PYTHONPATH"] = f"{tmp_path / 'hide'}:{program.environment.get('PYTHONPATH', '')}"
    assert "pip install 'jupyter-crdt-outputs[s3]'" in program.text("doctor", "--store", "s3://bucket/x", code=2)


def test_secrets_of_a_url_are_not_shown(program: Program) -> None:
    program.configure(store_url="sftp://someone:geheim@127.0.0.1:9/outputs")
    ran = program.run("doctor", code=5)
    assert b"geheim" not in ran.stdout + ran.stderr
    assert b"127.0.0.1:9/outputs" in ran.stdout


def test_a_store_that_cannot_be_written_is_an_error(program: Program) -> None:
    program.configure(store_url="/proc/nothing")
    assert checks(program.json("doctor", code=5))["store"]["level"] == "error"


def test_an_extension_that_takes_the_rooms_away_is_an_error(program: Program, tmp_path: Path) -> None:
    def level(enabled: dict[str, bool]) -> str:
        (tmp_path / "jupyter_server_config.json").write_text(
            json.dumps({"ServerApp": {"jpserver_extensions": enabled}})
        )
        code = 7 if enabled.get("jupyter_server_documents") else 0
        found = checks(program.json("doctor", "--no-write", code=code))
        assert found["store, write"]["level"] == "warning"
        return str(found["server extension"]["level"])

    assert level({"jupyter_crdt_outputs": True}) == "ok"
    assert level({"jupyter_crdt_outputs": True, "jupyter_server_documents": True}) == "error"


def test_a_clock_that_is_off_is_told_by_how_much(program: Program, tmp_path: Path) -> None:
    """The program's own clock is set forward, as it sees it."""
    (tmp_path / "ahead").mkdir()
    (tmp_path / "ahead" / "sitecustomize.py").write_text(
        "import time\nreal = time.time\ntime.time = lambda: real() + 300\n"
    )
    program.environment["PYTHONPATH"] = f"{tmp_path / 'ahead'}:{program.environment.get('PYTHONPATH', '')}"
    clock = checks(program.json("doctor"))["store, clock"]
    assert clock["level"] == "warning"
    assert "299 s behind" in clock["message"] or "300 s behind" in clock["message"]
