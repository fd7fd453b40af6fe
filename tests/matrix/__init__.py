"""The matrix: every address of site and API, asked by every kind of viewer.

``scene`` makes an owner with a photo and everybody who may come by; ``rules`` says in one word
each who is answered what; ``tables`` lists the addresses, a module for each part of the site. A new
address that is in no table fails ``test_every_address_is_in_a_table``: add it where its part is.
"""
