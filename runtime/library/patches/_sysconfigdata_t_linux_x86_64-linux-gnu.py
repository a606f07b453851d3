"""What sysconfig says of the build. Skein is built by cargo: there is no Makefile, and no C extension can be built for it."""

build_time_vars = {
    "ABIFLAGS": "t",
    "CONFIG_ARGS": "--disable-gil",
    "EXE": "",
    "HAVE_FORK": 1,
    "LDVERSION": "3.14t",
    "MACHDEP": "linux",
    "MULTIARCH": "x86_64-linux-gnu",
    "Py_DEBUG": 0,
    "Py_GIL_DISABLED": 1,
    "SIZEOF_VOID_P": 8,
    "VERSION": "3.14",
    "WITH_DOC_STRINGS": 1,
}
