"""Tests of suggestions of people."""
