"""obstore as a driver for object stores, chosen by ``?driver=obstore``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import AlreadyExistsError, GenericError
from obstore.fsspec import FsspecStore

from .driver import CONNECT_S, POOL, READ_S, uses_http

_PROTOCOLS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "abfs": "az", "abfss": "az", "az": "az"}
_ENDPOINTS = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]


class CreatingFsspecStore(FsspecStore):
    """obstore's own leaves out of listings when a file was written, and overwrites what shall only be created.

    It also insists on an answer of 206 to a range, where rclone's server sends a whole file with 200.
    """

    cachable = False

    async def _ls(self, path: str, detail: bool = False, **options: Any) -> Any:
        bucket, key = self._split_path(path)
        found = await self._construct_store(bucket).list_with_delimiter_async(key)
        files: list[dict[str, Any]] = [
            {"name": f"{bucket}/{meta['path']}", "type": "file", **meta} for meta in found["objects"]
        ]
        folders: list[dict[str, Any]] = [
            {"name": f"{bucket}/{prefix}", "type": "directory", "size": 0} for prefix in found["common_prefixes"]
        ]
        if not files and not folders:
            raise FileNotFoundError(path)
        return files + folders if detail else [info["name"] for info in files + folders]

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        if end is None:
            return (await super()._cat_file(path))[start or 0 :]
        try:
            return await super()._cat_file(path, start or 0, end)
        except GenericError as error:
            if "non-partial" not in str(error):
                raise
            return (await super()._cat_file(path))[start or 0 : end]

    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **options: Any) -> Any:
        bucket, key = self._split_path(path)
        store = self._construct_store(bucket)
        try:
            return await store.put_async(key, value, mode="create" if mode == "create" else "overwrite")
        except AlreadyExistsError as error:
            raise FileExistsError(path) from error


def connect(url: str, options: dict[str, Any]) -> FsspecStore:
    """The object store of *url*. Credentials come from the environment, as obstore reads them."""
    config = {"endpoint_url": "endpoint"}
    make: Any = CreatingFsspecStore  # its overloads want literal names
    filesystem: FsspecStore = make(
        _PROTOCOLS[urlsplit(url).scheme],
        **{config.get(name, name): value for name, value in options.items()},
        client_options={
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "read_timeout": timedelta(seconds=READ_S),
            "timeout": timedelta(hours=1),  # of one request; the deadline comes first
            "pool_max_idle_per_host": str(POOL),
            "allow_http": uses_http(options.get("endpoint_url"), *_ENDPOINTS),
        },
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=CONNECT_S)},
    )
    return filesystem
