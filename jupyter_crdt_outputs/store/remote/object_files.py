"""Files of an object store: one call of the driver writes one, whole or not at all, and there are no folders."""

from __future__ import annotations

from .files import NO_BUCKET, RemoteFiles


class ObjectFiles(RemoteFiles):
    """Each file is an object."""

    write_is_one_request = True

    def write(self, path: str, data: bytes) -> None:
        """One request."""
        try:
            self._call("pipe_file", path, data, moved=len(data))
        except FileNotFoundError as error:
            raise OSError(NO_BUCKET) from error

    def create(self, path: str, data: bytes) -> bool:
        """One request, which the service itself refuses where it knows how to."""
        try:
            self._call("pipe_file", path, data, mode="create", moved=len(data))
        except FileExistsError:
            return False
        except (TypeError, ValueError, NotImplementedError):  # a driver that knows no such mode
            pass
        else:
            return True
        self.write(path, data)
        return True

    def copy(self, path: str, target: str) -> None:
        """One request; the service copies."""
        self._call("cp_file", path, self._full(target))
