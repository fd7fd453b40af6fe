"""Tests of what other sites, feed readers and search engines are told."""
