//! skein-interpreter
