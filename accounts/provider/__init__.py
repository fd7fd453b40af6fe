"""Sign-in with a provider: OpenID Connect, whose identity an account is, and apps."""
