"""Stands in for CPython's module of the same name, where there is no C API: the few of its functions that test modules need
to be imported at all. Each does by the type's own method what the C function does by the type's slot: an index is passed on
as it is."""


def sequence_getitem(sequence, index):
    return type(sequence).__getitem__(sequence, index)


def sequence_setitem(sequence, index, value):
    return type(sequence).__setitem__(sequence, index, value)


def sequence_delitem(sequence, index):
    return type(sequence).__delitem__(sequence, index)


def _py_getbuiltwithassert():
    return False
