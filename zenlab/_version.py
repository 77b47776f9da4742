"""The version: the one place, read by the build as well. Any layer may import it."""

__version__ = "0.1.0"
