"""Tests of the first steps after sign-up."""
