"""The server extension: switched on, or off with a reason, and ended."""

from __future__ import annotations

from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import TraitError

from .document.rooms import check_upstream
from .errors import CrdtOutputsError, InvalidSetting, UpstreamMoved
from .exporting.hook import put_first
from .options import Options
from .parts import Parts
from .web.notices import Notices

_REPLACES_ROOMS = "jupyter_server_documents"


class CrdtOutputsApp(Options, ExtensionApp):
    """Keeps the outputs of notebooks in an artifact store and small references in the shared documents."""

    serverapp: ServerApp
    name = "jupyter_crdt_outputs"
    app_name = "CRDT outputs"
    description = __doc__
    extension_url = "/api/crdt-outputs"

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._refuse_to_start(error)
        if self.enabled:
            put_first(serverapp.config)  # later, the server's handlers have their configuration already

    def initialize_settings(self) -> None:
        """Wire the parts, or say loudly why not and leave JupyterLab as it is."""
        self._parts: Parts | None = None
        page = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        page["crdtOutputs"] = "off"
        notices = Notices(self.serverapp.event_logger)
        if not self.enabled:
            self.log.info("jupyter-crdt-outputs is switched off: outputs stay in the documents")
            return
        try:
            if _REPLACES_ROOMS in self._enabled_extensions():
                raise UpstreamMoved(
                    f"jupyter-crdt-outputs is off, since {_REPLACES_ROOMS} is on. Disable one of the two: "
                    f"jupyter server extension disable {_REPLACES_ROOMS}"
                )
            check_upstream()
            settings = self.checked()
            self._parts = Parts(self.serverapp, self.settings, settings, notices, self.log)
            self.handlers.extend(self._parts.handlers)
        except InvalidSetting as error:
            self._refuse_to_start(error)
        except CrdtOutputsError as error:
            self.log.error("%s", error)
            page["crdtOutputs"], page["crdtOutputsReason"] = "refused", str(error)
        else:
            page["crdtOutputs"] = "on"
            page["crdtOutputsFileLimits"] = "on" if settings.file_limits.has_any else "off"

    async def stop_extension(self) -> None:
        """Write and save what is under way."""
        if self._parts is not None:
            await self._parts.stop()

    def _enabled_extensions(self) -> set[str]:
        extensions = self.serverapp.extension_manager.extensions
        return {name for name, package in extensions.items() if package.enabled}

    def _refuse_to_start(self, error: Exception) -> None:
        self.log.critical("jupyter-crdt-outputs: %s", error)
        raise SystemExit(1) from error
