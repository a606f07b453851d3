//! Building bytes from bytes.

use crate::error::Result;
use crate::str::edit;
use crate::view::{StrBuf, StrView};

/// Latin-1 in, Latin-1 out: nothing here widens.
fn raw(text: StrBuf) -> Vec<u8> {
    match text {
        StrBuf::Latin1(v) => v,
        _ => Vec::new(),
    }
}

/// `bytes.replace`; `None` when nothing changes.
pub fn replace(b: &[u8], old: &[u8], new: &[u8], max: usize) -> Result<Option<Vec<u8>>> {
    let view = StrView::Latin1;
    Ok(edit::replace(view(b), view(old), view(new), max)?.map(raw))
}

/// `sep.join(items)`.
pub fn join(sep: &[u8], items: &[&[u8]]) -> Result<Vec<u8>> {
    let views: Vec<StrView<'_>> = items.iter().map(|b| StrView::Latin1(b)).collect();
    edit::join(StrView::Latin1(sep), &views).map(raw)
}

pub fn repeat(b: &[u8], n: usize) -> Result<Vec<u8>> {
    edit::repeat(StrView::Latin1(b), n).map(raw)
}

pub fn center(b: &[u8], width: usize, fill: u8) -> Result<Vec<u8>> {
    edit::center(StrView::Latin1(b), width, u32::from(fill)).map(raw)
}

pub fn ljust(b: &[u8], width: usize, fill: u8) -> Result<Vec<u8>> {
    edit::ljust(StrView::Latin1(b), width, u32::from(fill)).map(raw)
}

pub fn rjust(b: &[u8], width: usize, fill: u8) -> Result<Vec<u8>> {
    edit::rjust(StrView::Latin1(b), width, u32::from(fill)).map(raw)
}

pub fn zfill(b: &[u8], width: usize) -> Result<Vec<u8>> {
    edit::zfill(StrView::Latin1(b), width).map(raw)
}

pub fn expandtabs(b: &[u8], tabsize: i64) -> Result<Vec<u8>> {
    edit::expandtabs(StrView::Latin1(b), tabsize).map(raw)
}

/// `bytes.translate(table, delete)`.
pub fn translate(b: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    let mut gone = [false; 256];
    delete.iter().for_each(|d| gone[usize::from(*d)] = true);
    let kept = b.iter().filter(|c| !gone[usize::from(**c)]);
    kept.map(|&c| table.map_or(c, |t| t[usize::from(c)])).collect()
}
