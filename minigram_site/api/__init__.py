"""What the JSON APIs of all apps share: errors, pages, rendering, throttles."""
