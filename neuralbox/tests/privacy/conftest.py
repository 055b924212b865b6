from legal.tests.fixtures import file_store, olga, piotr, terms

__all__ = ["file_store", "olga", "piotr", "terms"]
