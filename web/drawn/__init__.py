"""Pictures: charts as SVG, maps and icons."""
