"""Values become points, points a tree of scores, scores grades; nothing here draws at random."""
