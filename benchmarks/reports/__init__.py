"""What is shown of a run: each report is a function of its `Results`, and of nothing else.

`figures` computes; `tables` says it in words; `terminal`, `markdown`, `page`, `plots` show it.
"""
