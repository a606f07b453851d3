def f(p):
    for x in p:
        try:
            with p as q:
                if x:
                    return q.m(x)
                break
        except ValueError as e:
            continue
        finally:
            p.done()
