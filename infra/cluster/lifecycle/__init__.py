"""The life of a cluster: how its parts are started, stopped and shown, and a stage for a while."""
