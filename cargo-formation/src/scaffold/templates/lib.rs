//! What the process types of `__name__` share; each of them is a binary of `src/bin`.

__modules__
