"""The base of the JSON APIs of all apps: errors, fields, pagination, rendering, views."""
