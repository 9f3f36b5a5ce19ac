"""The kernels that the test set-up installs beside ipykernel are real: they run code."""

from __future__ import annotations

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

PROGRAMS = {
    "deno": ("console.log([1, 2].map(n => n + 41).join())", "42,43\n"),
    "xpython": ("print([n + 41 for n in (1, 2)])", "[42, 43]\n"),
    "ir": ("cat(c(1, 2) + 41)", "42 43"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_kernel_that_is_not_ipykernel_runs_code(name: str) -> None:
    if name == "ir" and name not in KernelSpecManager().find_kernel_specs():
        pytest.skip("R's kernel comes from the system's package manager, which does not have it here")
    source, expected = PROGRAMS[name]
    printed: list[str] = []

    def collect(message: dict[str, object]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and isinstance(content, dict):
            printed.append(content["text"])

    manager, client = start_new_kernel(kernel_name=name)
    try:
        reply = client.execute_interactive(source, output_hook=collect, timeout=60)
        while not printed:  # Deno now and then publishes it after it has said that it is done
            collect(client.get_iopub_msg(timeout=60))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["content"]["status"] == "ok"
    assert "".join(printed) == expected
