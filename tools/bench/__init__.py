"""Measure speed: `make bench`. Nothing of the package imports this."""
