"""An engine for papermill: ``papermill --engine crdt-outputs in.ipynb out.ipynb``."""

from __future__ import annotations

from typing import Any

from papermill.engines import Engine


class StoringEngine(Engine):  # type: ignore[misc]
    """Runs notebooks as papermill's own engine does, with large outputs in the store."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Execute the notebook; arguments as of ``papermill.engines.NBClientEngine``."""
        # Late: papermill imports every engine whenever it is imported itself.
        from papermill.log import logger
        from papermill.utils import merge_kwargs, remove_args

        from .papermill_client import StoringPapermillClient

        wanted = remove_args(["input_path", "timeout", "startup_timeout"], **kwargs)
        options = merge_kwargs(
            wanted,
            timeout=execution_timeout or kwargs.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            output_path=str(nb_man.output_path or ""),
        )
        return StoringPapermillClient(nb_man, **options).execute()
