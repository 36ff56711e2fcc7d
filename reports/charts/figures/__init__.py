"""Every chart of the product as a plain Plotly dict made of plain numbers.

All rates are fractions 0..1 and are drawn as per cent. No text holds HTML: the page policy forbids what Plotly would
make of it.
"""

from reports.charts.figures.funnel import funnel, funnel_limits
from reports.charts.figures.groups import group_points
from reports.charts.figures.heat import heat
from reports.charts.figures.peers import peer_strip
from reports.charts.figures.ranking import ranking
from reports.charts.figures.shares import backlog, claimed_confirmed, grade_distribution, satisfaction
from reports.charts.figures.spread import boxes, quadrant, slopes
from reports.charts.figures.trend import control, trend

__all__ = [
    "backlog", "boxes", "claimed_confirmed", "control", "funnel", "funnel_limits", "grade_distribution", "group_points",
    "heat",
    "peer_strip", "quadrant", "ranking", "satisfaction", "slopes", "trend",
]  # fmt: skip
