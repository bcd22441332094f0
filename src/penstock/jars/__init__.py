"""Jar files as Java reads them: entries, manifest, classes, and raw copies into a bundle."""
