//! skein-object
