"""What `sysconfig` tells about the build. There is no Makefile and no C API, hence no more than this."""

build_time_vars = {
    "CFLAGS": "",
    "CONFIG_ARGS": "",
    "EXT_SUFFIX": ".skein-314.so",
    "HAVE_FORK": 1,
    "LDFLAGS": "",
    "LDVERSION": "3.14t",
    "MULTIARCH": "x86_64-linux-gnu",
    "PY_CFLAGS": "",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": 1,
    "Py_TRACE_REFS": 0,
    "SHLIB_SUFFIX": ".so",
    "SIZEOF_VOID_P": 8,
    "SOABI": "skein-314",
    "VERSION": "3.14",
    "WITH_DOC_STRINGS": 1,
    "WITH_PYMALLOC": 0,
}
