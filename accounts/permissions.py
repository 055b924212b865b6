"""What a caller may do."""

from rest_framework.permissions import BasePermission


class HasScope(BasePermission):
    pass
