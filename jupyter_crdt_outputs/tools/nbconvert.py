"""What ``jupyter nbconvert`` finds originals with, once ``enable-nbconvert`` has switched it on."""

from __future__ import annotations

from nbconvert.utils.exceptions import ConversionException
from traitlets import Unicode

from ..errors import CrdtOutputsError
from ..exporting.preprocessor import StoredOutputsPreprocessor
from ..exporting.resolving import Sources
from .place import configured_url, place_at


class ConfiguredStorePreprocessor(StoredOutputsPreprocessor):
    """Reads from the store that the server is configured with, and first from what this machine keeps of it."""

    store_url = Unicode(help="The store, a path or URL. Defaults to the store of the server.").tag(config=True)

    def _sources(self) -> Sources:
        try:
            originals = place_at(self.store_url or configured_url()).originals()
        except CrdtOutputsError as error:
            raise ConversionException(str(error)) from error
        return Sources(originals.get)
