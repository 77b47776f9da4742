"""The systems that are compared: each makes the same `Case`s of the same functions."""
