"""A wrong setting is refused with a message that says what would be right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import InvalidSetting, StoreUnavailable
from jupyter_crdt_outputs.store import open_store


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must not be empty"),
        ("  ", "must not be empty"),
        ("outputs", "depends on the folder that the server is started in"),
        ("./outputs", "give an absolute path such as"),
        ("file://outputs", "depends on the folder"),
        ("/outputs\0", "NUL"),
        ("nosuch://bucket", "nosuch:// is not known"),
        ("memry://x", "did you mean memory://"),
        ("s4://bucket/outputs", "not known"),
        ("simplecache::memory://x", "without '::'"),
        ("memory://", "write memory://name/folder"),
        ("s3://", "write s3://name/folder"),
        ("s3://bucket/x?endpont_url=y", "did you mean endpoint_url"),
        ("s3://bucket/x?anon=yes", "neither 0 nor 1"),
        ("s3://bucket/x?driver=boto", r"leave the option out, or write driver=obstore"),
        ("sftp://host/x?driver=obstore", "is not known for sftp://: leave the option out"),
        ("s3://bucket/x?key=AKIA&secret=hunter2", "must not hold credentials"),
        ("abfs://container/x?account_key=hunter2", "must not hold credentials"),
        ("gs://bucket/x?token=hunter2", "must not hold credentials"),
    ],
)
def test_a_url_that_can_never_work_is_refused(url: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said) as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("s3://bucket/outputs", "s3fs", "s3"),
        ("s3://bucket/outputs?driver=obstore", "obstore", "obstore"),
        ("gs://bucket/outputs", "gcsfs", "gcs"),
        ("abfs://container/outputs", "adlfs", "azure"),
        ("sftp://host/outputs", "paramiko", "sftp"),
        ("webdav://host/outputs", "webdav4", "webdav"),
        ("https://host/outputs", "aiohttp", "http"),
    ],
)
def test_a_missing_driver_is_named(url: str, module: str, extra: str) -> None:
    """In a process in which it cannot be imported."""
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from jupyter_crdt_outputs.errors import InvalidSetting\n"
        "from jupyter_crdt_outputs.store import open_store\n"
        f"try: open_store({url!r})\n"
        "except InvalidSetting as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"jupyter-crdt-outputs[{extra}]" in done.stdout


@pytest.mark.parametrize("below", ["", "/outputs/deeper"])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidSetting, match="is not one"):
        open_store(str(tmp_path / "file") + below)


def test_secrets_in_a_url_are_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ftplib")
    with pytest.raises(StoreUnavailable) as caught:
        open_store("ftp://user:hunter2@127.0.0.1:1/outputs?key=hunter3").put(b"abc")
    assert "127.0.0.1:1/outputs" in str(caught.value)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("spelling", ["{}", "file://{}", "local://{}", "{}/"])
def test_all_spellings_of_a_local_folder_are_the_same_store(tmp_path: Path, spelling: str) -> None:
    digest = open_store(str(tmp_path)).put(b"abc")
    assert open_store(spelling.format(tmp_path)).get(digest) == b"abc"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    digest = open_store("~/outputs").put(b"abc")
    assert open_store(str(tmp_path / "outputs")).get(digest) == b"abc"


def test_the_store_needs_no_jupyter() -> None:
    code = (
        "import sys, jupyter_crdt_outputs.store\n"
        "print([name for name in ('jupyter_server', 'tornado', 'pycrdt') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
