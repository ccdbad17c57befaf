"""A few named values, of which there is one each: an enum for what is asked at every word of a text."""


class OneOf:
    """A base for classes whose values are the class variables they name.

    Debian's Python looks up a value of an enum four times as slowly and hashes its name each time, which took a quarter
    of the search.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __init_subclass__(cls) -> None:
        """Make the values."""
        for name in cls.__annotations__:
            setattr(cls, name, cls(name))

    def __repr__(self) -> str:
        """Give the class and the name."""
        return f"{type(self).__name__}.{self.name}"
