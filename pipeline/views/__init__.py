"""View models: what a page prints, made from prepared results only."""
