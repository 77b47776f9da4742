"""What is claimed about speed, measured beside peers that do the same work. See README.md."""
