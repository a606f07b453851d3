//! skein-bytecode
