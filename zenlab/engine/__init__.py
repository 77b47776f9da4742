"""The caching engine: fingerprint -> keys -> plan -> run.

Knows steps and stores by their protocols alone, and imports no pandas, plotly or IPython.
"""
