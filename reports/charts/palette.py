"""The colours of every chart. One blue is "this unit", greys are peers, green and red only speak of status."""

OWN = "#1f4e8c"
PEER = "#7d8a99"
PEER_DOT = "#a9b7c6"
OTHER_DOT = "#8b9bab"
INK = "#3c4a5a"
TEXT = "#1d2b3a"
MUTED = "#5b6878"
GRID = "#e3e8ee"
AXIS = "#8895a5"
LIMIT = "#8fa1b3"
GOOD = "#2e7d5b"
BAD = "#b3261e"
NOTABLE = "#f0c36d"
ZONE = "#e3f1ea"
RIM = "#ffffff"

SATISFACTION = {
    "5": "#1f4e8c", "4": "#5b87ba", "3": "#a8c1dc", "2": "#e2a79b", "1": "#b3261e", "default": "#c9ced6",
    "unrated": "#eceff3",
}  # fmt: skip
GRADES = ("#1f4e8c", "#5b87ba", "#a8c1dc", "#e2a79b", "#b3261e")
NOT_GRADED = "#c9ced6"
AGES = ("#dbe6f2", "#a8c1dc", "#5b87ba", "#1f4e8c", "#b3261e", "#7a1712")
