"""Tests of followed tags."""
