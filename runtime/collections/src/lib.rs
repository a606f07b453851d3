//! skein-collections
