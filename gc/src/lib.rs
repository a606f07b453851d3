//! skein-gc
