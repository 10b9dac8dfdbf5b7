"""What the user is told when the program cannot work at all."""


class ServerError(RuntimeError):
    """The database or the project's own folder cannot be used.

    The message is Russian, holds no password and says what to do: print it as it is.
    """
