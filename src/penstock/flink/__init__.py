"""Flink's own dialect, shared by the engines: its parts, its command lines, its REST, its words for states."""
