"""What every other room stands on: errors, canonical values, and the protocols.

Imports nothing else of zenlab, and nothing heavy at import time.
"""
