"""Who the user is: sign-in, access tokens, API keys, devices and notices. Knows no token balance and no generation."""
