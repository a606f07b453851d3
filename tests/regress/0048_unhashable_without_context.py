"""What cannot be hashed is one error: the hash's own TypeError was its context, and a traceback showed both."""
for text in ("{[1]}", "{x for x in ([1],)}", "set([[1]])", "set([x] for x in (0,))", "{[1]: 1}", "{}[[1]]", "[1] in set()"):
    try:
        eval(text)
    except TypeError as e:
        assert str(e).startswith("cannot use 'list' as a "), (text, e)
        assert e.__context__ is None and e.__cause__ is None, text
    else:
        assert False, text
