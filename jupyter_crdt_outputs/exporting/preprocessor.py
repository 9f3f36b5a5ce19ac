"""nbconvert with references: the first of its preprocessors, which gives all others the originals."""

from __future__ import annotations

from typing import Any

import nbformat
from nbconvert.preprocessors import ClearOutputPreprocessor, ExecutePreprocessor, Preprocessor
from nbconvert.utils.exceptions import ConversionException
from traitlets import Bool, Int

from ..errors import CrdtOutputsError
from ..files.lacks import Incomplete
from .resolving import Sources, references_of, resolve


class StoredOutputsPreprocessor(Preprocessor):
    """Puts originals in the place of references. A conversion fails, naming the cell, when one cannot be had.

    To be the first of ``Exporter.default_preprocessors``: those of ``Exporter.preprocessors`` come after outputs were
    taken out of the notebook. Nothing is asked for of a notebook without references, or whose outputs are about to be
    cleared or made anew.
    """

    enabled = Bool(True, help="Whether to put originals in the place of references.").tag(config=True)

    allow_missing = Bool(
        False, help="Leave the text that stands beside a reference where the original cannot be had, with a warning."
    ).tag(config=True)

    stream_max_bytes = Int(
        1 << 26,
        help="The longest printed text of one output that is converted in full; of a longer one, the first and last "
        "lines are.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Resolve all of a notebook."""
        if next(references_of(nb), None) is None or self._are_outputs_dropped():
            return nb, resources
        name = str(resources.get("metadata", {}).get("name", ""))
        try:
            lacks, shortened = resolve(nb, self._sources(), self.stream_max_bytes)
        except CrdtOutputsError as error:
            self.log.error("%s", error)
            raise ConversionException(error.public) from error
        if lacks and not self.allow_missing:
            raise ConversionException(f"{name} cannot be converted in full. {Incomplete(lacks).public}")
        for lack in lacks:
            self.log.warning("%s, %s", name, lack)
        for where in shortened:
            self.log.warning(
                "%s, %s is longer than %s bytes: its first and last lines are shown", name, where, self.stream_max_bytes
            )
        return nbformat.from_dict(nb), resources

    def _sources(self) -> Sources:
        raise NotImplementedError

    def _are_outputs_dropped(self) -> bool:
        """Whether a preprocessor that comes later has no use for them."""
        others = getattr(self.parent, "_preprocessors", [])
        kinds = (ClearOutputPreprocessor, ExecutePreprocessor)
        return any(isinstance(other, kinds) and other.enabled for other in others)
