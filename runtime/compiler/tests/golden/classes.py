class A(B, k=1):
    """Doc."""
    x: int = 1

    def __init__(self):
        super().__init__()
        self.v = lambda: (self, __class__)

    async def g(self):
        async for i in self:
            yield await i
