"""Penstock runs Apache Flink jar jobs: one HTTP request in, one real Flink job running."""
