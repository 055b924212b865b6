"""Who calls the API."""

from rest_framework.authentication import BaseAuthentication


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None


class AccessTokenAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None
