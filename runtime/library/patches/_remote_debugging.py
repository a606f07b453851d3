"""Looking into other processes, as asyncio's tools do: Skein's processes cannot be read from outside."""


class TaskInfo(tuple):
    """A task and its awaiters."""


class FrameInfo(tuple):
    """A frame of another process."""


class RemoteUnwinder:
    """Reads the stacks of another process. Always fails."""

    def __init__(self, pid, **options):
        raise RuntimeError("Remote debugging is not supported by this interpreter")
