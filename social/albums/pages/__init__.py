"""The pages of collections: saved photos and albums, members, share links."""
