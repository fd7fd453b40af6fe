"""The pages on which photos are composed and published: files, words, drafts."""
