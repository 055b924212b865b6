from legal.tests.fixtures import file_store, olga, piotr, terms, terms_that_changed

__all__ = ["file_store", "olga", "piotr", "terms", "terms_that_changed"]
