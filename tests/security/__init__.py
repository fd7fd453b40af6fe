"""Classes of flaws, each held against everything the site has of its kind.

The tests find by themselves what there is: every address (through the tables of ``tests.matrix``,
which a test keeps complete), every form and serializer, every column of text. So what is added
later is attacked as well, or has to be named here with a reason. docs/security.md says what is
promised, and which test holds it.
"""
