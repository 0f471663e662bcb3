"""Tests of the product platform connector."""
