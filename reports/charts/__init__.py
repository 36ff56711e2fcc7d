"""Charts: one plain Plotly dict each, drawn as SVG for pages and paper."""
