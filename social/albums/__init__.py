"""Collections: saved photos, albums of one or several people, links that show them to visitors."""
