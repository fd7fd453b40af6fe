"""Tests of setting a site up."""
