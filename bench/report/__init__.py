"""Renders benchmark results: `page.py` writes docs/performance.md (from `page.md`) and the table in the README.

`tables.py` has the tables, `plots.py` the SVG plots, and `comparison.py` what `bin/bench --against` prints.
"""
