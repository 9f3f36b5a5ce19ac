"""Pictures, tables, formulas, charts."""

from __future__ import annotations

from .case import DISPLAY, Case, bulk, run

_MATPLOTLIB = "import matplotlib.pyplot as plt\n"

RICH: dict[str, Case] = {
    "a small picture": run(DISPLAY + "Image(png(700, width=16))"),
    "a picture of 1 MB": bulk(DISPLAY + "Image(png(1_000_000))"),
    "twenty pictures": bulk(DISPLAY + "for i in range(20):\n    display(Image(png(40_000 + i * 3_000)))"),
    "a picture with a given size": bulk(DISPLAY + "Image(png(50_000), width=90, height=40)"),
    "a picture with another alternative text": bulk(DISPLAY + "Image(png(50_000), alt='noise')"),
    "a JPEG": bulk(
        "import io, PIL.Image\nfrom IPython.display import Image\nfrom kernel_side import noise\n"
        "b = io.BytesIO()\nPIL.Image.frombytes('RGB', (128, 128), noise(128 * 128 * 3)).save(b, 'JPEG')\n"
        "Image(b.getvalue())"
    ),
    "a GIF": bulk(
        "import io, PIL.Image\nfrom IPython.display import Image\nfrom kernel_side import noise\n"
        "b = io.BytesIO()\nPIL.Image.frombytes('L', (128, 128), noise(128 * 128)).save(b, 'GIF')\n"
        "Image(b.getvalue(), format='gif')"
    ),
    "a picture that is no picture": bulk(
        "display({'image/png': 'no base64 at all!' * 1_000, 'text/plain': 'x'}, raw=True)"
    ),
    "an SVG": run(DISPLAY + "SVG(svg(3))"),
    "a large SVG": bulk(DISPLAY + "SVG(svg(3_000))"),
    "HTML": run(
        DISPLAY + "HTML('<h2>Title</h2><ul><li>one</li><li><a href=\"https://example.org/\">two</a></li></ul>')"
    ),
    "large HTML": bulk(
        DISPLAY
        + "HTML('<table>' + ''.join(f'<tr><td>{i}</td><td>{i * i}</td></tr>' for i in range(1_000)) + '</table>')"
    ),
    "HTML with a style and a form": bulk(
        DISPLAY
        + "HTML('<style>.q {color: red}</style><form><input value=\"v\"><select><option>o</option></select></form>'"
        " + '<p class=\"q\">' + words(20_000) + '</p>')"
    ),
    "HTML with a script": run(
        DISPLAY
        + 'HTML(\'<div id="t1">before</div><script>document.getElementById("t1").textContent = "scripted"</script>\')'
    ),
    "large HTML with a script": bulk(
        DISPLAY + "HTML('<div id=\"t2\">before</div><p hidden>' + words(20_000) + '</p>'"
        ' + \'<script>document.getElementById("t2").textContent = "scripted"</script>\')'
    ),
    "isolated HTML": run(
        "display({'text/html': '<b>isolated</b>'}, raw=True, metadata={'text/html': {'isolated': True}})"
    ),
    "large isolated HTML": bulk(
        DISPLAY + "display({'text/html': '<b>isolated</b> ' + words(20_000)}, raw=True, metadata={'isolated': True})"
    ),
    "Javascript": run(DISPLAY + "Javascript('element.textContent = \"by script\"')"),
    "large Javascript": bulk(DISPLAY + "Javascript('element.textContent = \"by script\" //' + 'x' * 20_000)"),
    "LaTeX": run(
        DISPLAY + "Latex(r'$$\\sum_{i=0}^n i^2 = \\frac{n(n+1)(2n+1)}{6}$$')", DISPLAY + "Math(r'\\alpha + \\beta')"
    ),
    "large LaTeX": bulk(DISPLAY + "Latex('$$\\alpha + x^2$$ ' + words(20_000))"),
    "Markdown": run(
        DISPLAY + "Markdown('# Title\\n\\n| a | b |\\n|---|---|\\n| 1 | *2* |\\n\\n```python\\nx = 1\\n```')"
    ),
    "large Markdown": bulk(
        DISPLAY + "Markdown('# Title\\n\\n' + '\\n\\n'.join(f'Paragraph **{i}**' for i in range(800)))"
    ),
    "JSON": bulk(
        DISPLAY + "JSON({'a': [1, 2.5, None, True], 'b': {'c': 'text'}})",
        DISPLAY + "JSON({'a': 1}, expanded=True, root='top')",
    ),
    "large JSON": bulk(DISPLAY + "JSON({'items': [{'n': i, 'half': i / 2, 'big': 2**60 + i} for i in range(800)]})"),
    "JSON of numbers that need care": bulk(
        DISPLAY + "JSON({'int': 5, 'float': 5.0, 'big': 2**53 + 1, 'tiny': 1e-300, 'neg': -0.0})"
    ),
    "a PDF": bulk(
        "import base64\nfrom kernel_side import noise\n"
        "display({'application/pdf': base64.b64encode(b'%PDF-1.4\\n' + noise(20_000)).decode(), "
        "'text/plain': 'pdf'}, raw=True)"
    ),
    "audio": bulk(
        "from IPython.display import Audio\nimport math\nAudio([math.sin(i / 20) for i in range(8_000)], rate=8_000)"
    ),
    "a data frame": run("import pandas as pd\npd.DataFrame({'a': range(3), 'b': list('xyz')})"),
    "a large data frame": bulk(
        "import pandas as pd\npd.options.display.max_rows = 400\npd.DataFrame({c: range(300) for c in 'abcdef'})"
    ),
    "a matplotlib figure": bulk(_MATPLOTLIB + "plt.plot(range(10))\nplt.title('line')\nplt.show()"),
    "a matplotlib figure as a result": bulk(_MATPLOTLIB + "plt.bar(range(5), range(5))"),
    "a matplotlib figure in retina": bulk(
        "%config InlineBackend.figure_formats = ['retina']\n" + _MATPLOTLIB + "plt.plot(range(10)); plt.show()"
    ),
    "a matplotlib figure as SVG": bulk(
        "%config InlineBackend.figure_formats = ['svg']\n"
        + _MATPLOTLIB
        + "plt.rcParams['svg.hashsalt'] = 'x'\nplt.plot(range(10))\nplt.gcf().savefig\nplt.show()",
        kinds_only=True,
    ),
    "a figure updated by display_id": bulk(
        _MATPLOTLIB + "fig, ax = plt.subplots()\nh = display(fig, display_id=True)\nplt.close(fig)\n"
        "for i in range(3):\n    ax.plot([0, i])\n    h.update(fig)"
    ),
    "plotly": bulk(
        "import plotly.graph_objects as go, plotly.io as pio\npio.renderers.default = 'plotly_mimetype'\n"
        "go.Figure(go.Scatter(x=list(range(300)), y=[i * i for i in range(300)]), layout={'title': 'squares', "
        "'width': 500, 'height': 300})"
    ),
    "vega": bulk(
        "import altair as alt, pandas as pd\nalt.renderers.enable('mimetype')\n"
        "alt.Chart(pd.DataFrame({'a': range(200), 'b': range(200)}), width=200, height=100).mark_line()."
        "encode(x='a', y='b')",
    ),
    "a small vega chart": bulk(
        "import altair as alt\nalt.renderers.enable('mimetype')\n"
        "alt.Chart(alt.InlineData([{'a': 1}, {'a': 2}]), width=50, height=50).mark_point().encode(x='a:Q')",
    ),
}
