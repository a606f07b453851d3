//! skein-compiler
