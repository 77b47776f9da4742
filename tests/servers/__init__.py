"""Real servers for tests, on 127.0.0.1, each with a folder that goes when it stops."""
