"""Languages of the site: which one a page is in, and the words of its scripts."""
