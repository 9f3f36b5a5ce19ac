"""A text as JSON, a piece at a time: a stream of a gigabyte is written with a megabyte of it in memory."""

from __future__ import annotations

import codecs

from ..errors import InvalidReference

_CONTROLS = bytes(range(0x20))
_SHORT = {0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0C: b"\\f", 0x0D: b"\\r"}
_ESCAPES = {bytes([code]): _SHORT.get(code, b"\\u%04x" % code) for code in _CONTROLS}
# Those at which str.splitlines ends a line, as nbformat does, and not only \n. \r\n is one of them.
_ENDS = (b"\r", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e")
_WITHIN_LINES = {control: escape for control, escape in _ESCAPES.items() if control not in (b"\n", *_ENDS)}
_WIDE_ENDS = tuple(end.encode() for end in ("\x85", "\u2028", "\u2029"))
_NEWLINE, _CRLF = b"\n", b"\r\n"
_ALL_ENDS = (_NEWLINE, *_ENDS, *_WIDE_ENDS)
_CRLF_MARK = b"\x00"  # by the time it is used, none is left that the text had


class JsonText:
    """What stands between the outermost quotes of a JSON text, byte for byte as nbformat writes it.

    Args:
        between: two lines, where the text is written as a list of lines: a quote, a comma, the indentation, a quote.
            Empty for a text that is written as one.
    """

    def __init__(self, between: bytes = b"") -> None:
        self._between = between
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The JSON of the next piece of the text.

        Args:
            data: UTF-8, cut anywhere.

        Raises:
            InvalidReference: this is no text.
        """
        data = self._held + data
        held = len(data)
        if not data.isascii():
            try:
                self._decoder.reset()
                self._decoder.decode(data)
            except UnicodeDecodeError as error:
                raise InvalidReference(f"a segment is not text: {error}") from error
            held -= len(self._decoder.getstate()[0])  # a character that was cut
        if self._between:
            held = _end_of_line(data, held)
        self._held = data[held:]
        return _escaped(data[:held], self._between)

    def end(self) -> bytes:
        """The JSON of what was held back. Raises :class:`InvalidReference` when the text ends within a character."""
        held, self._held = self._held, b""
        try:
            held.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidReference("a segment is not text: it ends within a character") from error
        written = _escaped(held, self._between)
        return written.removesuffix(self._between) if self._between else written


def _end_of_line(data: bytes, stop: int) -> int:
    """Where the line end begins that is at *stop*; *stop* if there is none. It is written when a line follows."""
    last = data[max(0, stop - 3) : stop]
    if last.endswith(_CRLF):
        return stop - 2
    return next((stop - len(end) for end in _ALL_ENDS if last.endswith(end)), stop)


def _escaped(text: bytes, between: bytes) -> bytes:
    """All of *text*, with *between* after each line that ends in it.

    Everything is done by replacing, which looks for one byte as fast as memory is read, so that all control characters
    one after another are sooner looked for than any of them at once.
    """
    text = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    for control, escape in _WITHIN_LINES.items():
        text = text.replace(control, escape)
    has_crlf = b"\r" in text and _CRLF in text
    if has_crlf:
        text = text.replace(_CRLF, _CRLF_MARK)
    text = text.replace(_NEWLINE, _ESCAPES[_NEWLINE] + between)  # first of the ends: *between* has a newline in it
    for end in _ENDS:
        text = text.replace(end, _ESCAPES[end] + between)
    if has_crlf:
        text = text.replace(_CRLF_MARK, b"\\r\\n" + between)
    if between and not text.isascii():
        for end in _WIDE_ENDS:
            text = text.replace(end, end + between)
    return text
