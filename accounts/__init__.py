"""People: who they are, how they log in, who follows whom and who may see whom."""
