def f(x):
    match x:
        case [1, (2 | 3) as a, *rest] if a:
            return rest
        case {"k": v, **kw}:
            return v, kw
        case P(x=0, y=yy):
            return yy
        case _:
            return None
