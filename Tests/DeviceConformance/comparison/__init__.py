"""Comparisons of torch on the NPU with torch on the CPU, by topic."""
