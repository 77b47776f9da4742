"""A panel as one file: the tables and the figure, for people without Jupyter and without network.

plotly lies in the file (5 MB), nothing is loaded from anywhere. The file has no date and no random
id: the same panel is the same bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zenlab.views.html import escaped, to_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from zenlab.views.document import Document

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 14px/1.45 system-ui, sans-serif; margin: 1.5em; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; margin-bottom: 1em; }}
th, td {{ font-size: 13px; padding: .3em .7em; font-variant-numeric: tabular-nums; }}
thead tr {{ border-bottom: 1px solid #888; }}
tbody tr:nth-child(even) {{ background: rgba(128, 128, 128, .1); }}
h4 {{ font-size: 1.3em; }}
#zenlab-filter {{ font: inherit; padding: .3em .6em; width: 20em; max-width: 100%; }}
</style>
</head>
<body>
<input id="zenlab-filter" type="search" placeholder="Show only rows with …"
 aria-label="Show only the rows of the tables that contain this text">
{tables}
<div id="zenlab-figure"></div>
<script>{plotly}</script>
<script id="zenlab-data" type="application/json">{figure}</script>
<script>
const figure = JSON.parse(document.getElementById("zenlab-data").textContent);
if (figure.data.length) {{
  Plotly.newPlot("zenlab-figure", figure.data, figure.layout,
    {{displaylogo: false, responsive: true, typesetMath: false}});
}}
document.getElementById("zenlab-filter").addEventListener("input", event => {{
  const text = event.target.value.toLowerCase();
  for (const row of document.querySelectorAll("thead ~ tbody tr")) {{
    row.hidden = !row.textContent.toLowerCase().includes(text);
  }}
}});
</script>
</body>
</html>
"""

# JSON may hold these only in strings, where an escape means the same. Without them no name of a
# column can end the script, or open a comment in it.
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in ("<", ">", "&", "/", "\u2028", "\u2029")})


def page(document: Document, figure: go.Figure) -> str:
    """The file as text.

    Args:
        document: what the panel says.
        figure: its pictures; one without any trace is left out.

    Example:
        >>> page(Document("A"), panel.figure()).startswith("<!DOCTYPE html>")  # doctest: +SKIP
        True
    """
    from plotly.offline import get_plotlyjs

    return _PAGE.format(
        title=escaped(document.title),
        tables=to_html(document),
        plotly=get_plotlyjs(),
        figure=json_in_script(figure.to_json()),
    )


def json_in_script(text: str) -> str:
    r"""JSON that can stand inside of a script element, whatever strings are in it.

    Example:
        >>> print(json_in_script('{"name": "</script>"}'))
        {"name":"\u003c\u002fscript\u003e"}
    """
    # Written anew with its keys in order, and in ASCII: a lone surrogate fits in no file.
    plain = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return plain.translate(_ESCAPES)
