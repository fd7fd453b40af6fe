"""The pages of the doors: the way in for visitors, and what members change of theirs."""
