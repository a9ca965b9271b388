"""The small repository that these tests work in."""

from tests.support.repository import make_repository, repository

__all__ = ["make_repository", "repository"]
