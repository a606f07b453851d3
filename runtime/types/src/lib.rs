//! skein-types
