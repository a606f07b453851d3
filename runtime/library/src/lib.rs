//! The pure-Python library, compiled when Skein is built.
//!
//! `build.rs` compiles each module of the pinned `rustpython-pylib` crate to the binary form of code units and packs it
//! with its source. Here it is only found: nothing is unpacked before it is asked for. Knows neither objects nor imports.
#![forbid(unsafe_code)]

use std::io::Read;

/// Code of all modules, one after the other.
static CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/code.bin"));
/// Sources and data files, each compressed on its own.
static FILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/files.bin"));

include!(concat!(env!("OUT_DIR"), "/index.rs"));

/// A module of the library.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Dotted name.
    pub name: &'static str,
    pub is_package: bool,
    /// Path below the library's folder: `json/decoder.py`.
    pub path: &'static str,
    code: (usize, usize),
    file: usize,
}

/// A file of the library: a source or data.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Path below the library's folder.
    pub path: &'static str,
    data: (usize, usize),
    /// Bytes when unpacked.
    pub len: usize,
}

/// The module of that dotted name.
pub fn find(name: &str) -> Option<&'static Module> {
    MODULES.binary_search_by(|m| m.name.cmp(name)).ok().map(|i| &MODULES[i])
}

/// All modules, sorted by name.
pub fn modules() -> &'static [Module] {
    MODULES
}

/// The file at a path below the library's folder.
pub fn file(path: &str) -> Option<&'static File> {
    ENTRIES.binary_search_by(|f| f.path.cmp(path)).ok().map(|i| &ENTRIES[i])
}

/// All files, sorted by path.
pub fn files() -> &'static [File] {
    ENTRIES
}

impl Module {
    /// The code unit in binary form.
    pub fn code(&self) -> &'static [u8] {
        CODE.get(self.code.0..self.code.0 + self.code.1).unwrap_or(&[])
    }

    pub fn source(&self) -> Vec<u8> {
        ENTRIES.get(self.file).map(File::read).unwrap_or_default()
    }
}

impl File {
    /// The contents.
    pub fn read(&self) -> Vec<u8> {
        let packed = FILES.get(self.data.0..self.data.0 + self.data.1).unwrap_or(&[]);
        let mut out = Vec::with_capacity(self.len);
        // The archive is our own and complete; a damaged binary gives what could be read.
        let _ = flate2::read::DeflateDecoder::new(packed).read_to_end(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn modules_have_code_and_source() {
        let os = super::find("os").expect("os is in the library");
        assert!(!os.is_package && !os.code().is_empty());
        assert!(String::from_utf8(os.source()).is_ok_and(|s| s.contains("def makedirs")));
        assert!(super::find("json.decoder").is_some_and(|m| m.path == "json/decoder.py"));
        assert!(super::find("json").is_some_and(|m| m.is_package));
        assert!(super::find("no_such_module").is_none());
    }
}
