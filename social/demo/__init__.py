"""Generated data: ``load`` makes a small demo to look at, ``populate`` a large data set to measure.

Both are reproducible. Pictures are drawn by ``painter``, or are ``photographs`` of a free licence.
"""
