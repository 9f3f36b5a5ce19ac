"""Outputs as kernels, old versions of Jupyter and other programs have left them in files. Each has a name."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from typing import Any

Output = dict[str, Any]

BULK = 6000
"""Bytes that are more than a document holds."""


def png(seed: random.Random, width: int = 60, height: int = 40) -> bytes:
    """A picture of noise, which does not get smaller."""
    rows = b"".join(b"\0" + seed.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


def display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Output:
    """An output of ``display()``."""
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def result(data: dict[str, Any], count: int | None = 1) -> Output:
    """The value of a cell's last expression."""
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}


def stream(text: Any, name: str = "stdout") -> Output:
    """What was printed."""
    return {"output_type": "stream", "name": name, "text": text}


def error(traceback: list[str], evalue: str = "division by zero") -> Output:
    """An exception."""
    return {"output_type": "error", "ename": "ZeroDivisionError", "evalue": evalue, "traceback": traceback}


def valid_outputs(seed: random.Random) -> dict[str, Output]:
    """Outputs that nbformat finds nothing wrong with."""
    return {**_texts(seed), **_pictures(seed), **_json(seed), **_odd()}


def invalid_outputs(seed: random.Random) -> dict[str, Any]:
    """What stands in place of outputs here and there."""
    big = "y" * BULK
    return {
        "stream without text": {"output_type": "stream", "name": "stdout"},
        "stream of a number": stream(12),
        "stream with another key": {**stream(big), "metadata": {}},
        "stream of a strange name": stream(big, "log"),
        "display without data": {"output_type": "display_data", "metadata": {}},
        "display without metadata": {"output_type": "display_data", "data": {"text/html": big}},
        "display with another key": {**display({"text/html": big}), "transient": {"display_id": "a"}},
        "result without a count": {"output_type": "execute_result", "data": {"text/plain": big}, "metadata": {}},
        "error without a traceback": {"output_type": "error", "ename": "E", "evalue": big},
        "error with a traceback in one string": {**error([]), "traceback": big},
        "unknown output type": {"output_type": "pyout", "text": big},
        "no output type": {"data": {"text/plain": big}},
        "picture that is a number": display({"image/png": 5, "text/html": big}),
        "picture that is null": display({"image/png": None, "text/html": big}),
        "reference to nothing": display({"application/vnd.jupyter-crdt-outputs.ref.v1+json": {"kind": "bundle"}}),
        "reference of a later version": display(
            {"application/vnd.jupyter-crdt-outputs.ref.v1+json": {"kind": "hologram"}, "text/plain": "?"}
        ),
    }


def _texts(seed: random.Random) -> dict[str, Output]:
    lines = [f"line {n} {seed.random()}\n" for n in range(300)]
    return {
        "stream": stream("hello\n"),
        "stream in lines": stream(["hello\n", "world\n"]),
        "stream that is empty": stream(""),
        "stream of no lines": stream([]),
        "stream to stderr": stream("careful\n", "stderr"),
        "long stream in lines": stream(lines),
        "long stream in one string": stream("".join(lines)),
        "long stream without a last line feed": stream("".join(lines)[:-1]),
        "stream of windows lines": stream("".join(lines).replace("\n", "\r\n")),
        "stream with a progress bar": stream("".join(f"\r{n:5}%" for n in range(1000)) + "\n"),
        "stream with other line separators": stream("a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\n" * 300),
        "stream of emoji": stream("👩‍🚀é\u0301漢字\n" * 500),
        "stream in colours": stream("\x1b[31mred\x1b[0m " * 500),
        "stream with NUL": stream("a\0b" * BULK),
        "stream with a byte order mark": stream("\ufeff" + "a" * BULK),
        "stream of one long line": stream("z" * 500_000),
        "error": error(["\x1b[0;31m---\x1b[0m", "Traceback"]),
        "error without lines": error([]),
        "long error": error([f"\x1b[0;32m{line}\x1b[0m" for line in lines]),
        "error with a long value": error(["x"], "v" * BULK),
        "html": display({"text/html": "<b>bold</b>", "text/plain": "bold"}),
        "html with scripts": display({"text/html": "<script>alert(1)</script>\n" * 400, "text/plain": ["a\n", "b"]}),
        "html without plain text": display({"text/html": ["<table>\n"] + ["<tr><td>1</td></tr>\n"] * 400}),
        "latex": result({"text/latex": "$\\frac{1}{2}$" * 500, "text/plain": "1/2"}),
        "markdown": display({"text/markdown": "# Title\n" * 1000}),
        "javascript": display({"application/javascript": ["var a = 1;\n"] * 800}),
        "plain text that is long": result({"text/plain": "p" * BULK}),
        "plain text in lines": result({"text/plain": ["p\n"] * BULK}),
    }


def _pictures(seed: random.Random) -> dict[str, Output]:
    text = base64.b64encode(png(seed)).decode()
    in_lines = base64.encodebytes(png(seed)).decode()
    svg = "<svg xmlns='http://www.w3.org/2000/svg'>\n" + "<circle r='1'/>\n" * 400 + "</svg>"
    return {
        "png": display({"image/png": text, "text/plain": "<Figure>"}, {"image/png": {"width": 60, "height": 40}}),
        "png with a last line feed": result({"image/png": text + "\n", "text/plain": ["<Figure>"]}),
        "png in lines of base64": display({"image/png": in_lines}),
        "png in a list of lines": display({"image/png": in_lines.splitlines(keepends=True)}),
        "png in windows lines": display({"image/png": in_lines.replace("\n", "\r\n")}),
        "png without padding": display({"image/png": base64.b64encode(png(seed) + b"x").decode().rstrip("=")}),
        "png that is no base64": display({"image/png": "not base64! " * 1000}),
        "png that is no picture": display({"image/png": base64.b64encode(seed.randbytes(BULK)).decode()}),
        "png that is small": display({"image/png": base64.b64encode(png(seed, 1, 1)).decode()}),
        "png that is empty": display({"image/png": ""}),
        "jpeg": display({"image/jpeg": base64.b64encode(b"\xff\xd8\xff" + seed.randbytes(BULK)).decode()}),
        "svg": display({"image/svg+xml": svg}),
        "svg in lines": display({"image/svg+xml": svg.splitlines(keepends=True)}),
        "svg in base64": display({"image/svg+xml": base64.b64encode(svg.encode()).decode()}),
        "several pictures": display({"image/png": text, "image/svg+xml": svg, "image/jpeg": text, "text/plain": "4"}),
        "pdf": display({"application/pdf": base64.b64encode(b"%PDF-1.4" + seed.randbytes(BULK)).decode()}),
        "picture with odd metadata": display(
            {"image/png": text},
            {"image/png": {"needs_background": "light"}, "isolated": True, "élan": [1, {"a": None}]},
        ),
    }


def _json(seed: random.Random) -> dict[str, Output]:
    values = [seed.random() for _ in range(500)]
    deep: Any = "bottom"
    for _ in range(60):
        deep = [deep]
    return {
        "json": display({"application/json": {"b": 1, "a": [1.0, 2, None, True]}}),
        "json that is long": display({"application/json": {"values": values, "a": "é"}}),
        "json in a string": display({"application/vnd.acme+json": '{"b": 1}'}),
        "json in a long string": display({"application/vnd.acme+json": '{"b": 1}' * 1000}),
        "json that is a number": display({"application/vnd.acme+json": 5}),
        "json that is a list": display({"application/json": ["line\n", "line\n"]}),
        "json that is a long list of strings": display({"application/vnd.acme+json": ["line\n"] * 2000}),
        "json with large numbers": display(
            {"application/json": {"n": [2**53 + 1, -(2**60), 2**63 - 1], "pad": "x" * BULK}}
        ),
        "json with large numbers that is short": display({"application/json": [2**53, -(2**53)]}),
        "json with small numbers": display({"application/json": {"n": [1e-300, 0.1, -0.0, 1e300], "pad": "x" * BULK}}),
        "json that is deep": display({"application/json": {"deep": deep, "pad": "x" * BULK}}),
        "geojson": display({"application/geo+json": {"type": "Point", "coordinates": values}}),
        "vega": display({"application/vnd.vega.v5+json": {"marks": [], "data": values}}),
        "vega-lite with a picture": display(
            {"application/vnd.vegalite.v5+json": {"mark": "bar"}, "image/png": "aGFsbG8=", "text/plain": "chart"}
        ),
        "plotly": display(
            {"application/vnd.plotly.v1+json": {"data": [{"y": values}], "layout": {}}, "text/html": "<div></div>"}
        ),
        "widget": display(
            {"application/vnd.jupyter.widget-view+json": {"model_id": "a" * 32, "version_major": 2, "version_minor": 0}}
        ),
        "table": result({"application/vnd.dataresource+json": {"schema": {"fields": []}, "data": [{"a": 1}] * 400}}),
    }


def _odd() -> dict[str, Output]:
    return {
        "empty bundle": display({}),
        "unknown type": display({"chemical/x-pdb": "ATOM\n" * 2000}),
        "a type with parameters": display({"text/html; charset=utf-8": "h" * BULK}),
        "a type in capitals": display({"Image/PNG": "aGFsbG8=", "TEXT/HTML": "h" * BULK}),
        "result without a number": result({"text/plain": "1"}, None),
    }
