"""Access and refresh tokens."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy


class FamilyTokenStrategy(JWTTokenStrategy):
    pass
