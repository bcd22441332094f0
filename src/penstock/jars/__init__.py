"""Jar files as Java reads them: entries, manifest, class files, what would not run and why, and raw copies."""
