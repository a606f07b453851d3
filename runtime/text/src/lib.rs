//! skein-text
