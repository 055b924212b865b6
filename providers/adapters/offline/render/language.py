"""Which of our two languages a text is in."""


def of(text: str) -> str:
    """`ru` when most letters are Cyrillic, else `en`."""
    cyrillic = sum("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    latin = sum("a" <= letter <= "z" for letter in text.lower())
    return "ru" if cyrillic > latin else "en"
