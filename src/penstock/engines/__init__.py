"""The places a run can live; none knows another, and all speak to Flink through `penstock.flink`."""
