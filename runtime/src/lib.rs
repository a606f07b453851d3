//! skein-runtime
