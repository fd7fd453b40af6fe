"""The OpenAPI document: what drf-spectacular finds in the code, completed for generated clients."""
