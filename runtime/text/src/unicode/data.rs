//! What `unicodedata` reports of one code point.

use super::chars;
use super::db_table::*;
use super::decomp::{POOL, ROWS, TAGS};
use std::sync::OnceLock;

/// Category, bidirectional class, combining class, mirrored, East Asian width.
fn record(c: u32) -> DbRecord {
    let block = DB_INDEX.get((c >> DB_SHIFT) as usize).copied().unwrap_or(0);
    let at = (usize::from(block) << DB_SHIFT) | (c & ((1 << DB_SHIFT) - 1)) as usize;
    DB_RECORDS[if c > 0x10_FFFF { 0 } else { usize::from(DB_DATA[at]) }]
}

/// The general category, "Lu" and so on.
pub fn category(c: u32) -> &'static str {
    CATEGORIES[usize::from(record(c).0)]
}

/// The bidirectional class; empty when undefined.
pub fn bidirectional(c: u32) -> &'static str {
    BIDI[usize::from(record(c).1)]
}

/// The canonical combining class.
pub fn combining(c: u32) -> u8 {
    record(c).2
}

pub fn mirrored(c: u32) -> bool {
    record(c).3 != 0
}

pub fn east_asian_width(c: u32) -> &'static str {
    WIDTHS[usize::from(record(c).4)]
}

pub use chars::{to_decimal as decimal, to_digit as digit};

/// The numeric value.
pub fn numeric(c: u32) -> Option<f64> {
    let i = NUMERIC_RUNS.partition_point(|r| r.0 <= c).checked_sub(1)?;
    let (start, len, value, step) = NUMERIC_RUNS[i];
    let k = c - start;
    (k < u32::from(len)).then(|| value + f64::from(k * u32::from(step)))
}

struct Decompositions {
    /// Code point, tag, where its code points start in `POOL`, and how many there are.
    rows: Vec<(u32, u8, u32, u8)>,
}

fn decompositions() -> &'static Decompositions {
    static CELL: OnceLock<Decompositions> = OnceLock::new();
    CELL.get_or_init(|| {
        let (mut c, mut at) = (0, 0);
        let rows = ROWS
            .iter()
            .map(|&(gap, tag, n)| {
                c += gap;
                let row = (c, tag, at, n);
                at += u32::from(n);
                row
            })
            .collect();
        Decompositions { rows }
    })
}

/// The decomposition as `unicodedata.decomposition` spells it; empty when there is none.
pub fn decomposition(c: u32) -> String {
    if let 0xAC00..=0xD7A3 = c {
        let k = c - 0xAC00;
        let lv = format!("{:04X} {:04X}", 0x1100 + k / 588, 0x1161 + k % 588 / 28);
        return if k.is_multiple_of(28) {
            lv
        } else {
            format!("{lv} {:04X}", 0x11A7 + k % 28)
        };
    }
    let rows = &decompositions().rows;
    let Ok(i) = rows.binary_search_by_key(&c, |r| r.0) else {
        return String::new();
    };
    let (_, tag, at, n) = rows[i];
    let mut out = TAGS[usize::from(tag)].to_owned();
    for p in &POOL[at as usize..at as usize + usize::from(n)] {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&format!("{p:04X}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts() {
        assert_eq!(category('A' as u32), "Lu");
        assert_eq!(category(0x0378), "Cn");
        assert_eq!(bidirectional(0x5D0), "R");
        assert_eq!(combining(0x301), 230);
        assert!(mirrored('(' as u32));
        assert_eq!(east_asian_width(0x3042), "W");
        assert_eq!(numeric(0xBD), Some(0.5));
        assert_eq!(numeric(0x5146), Some(1e6));
        assert_eq!(numeric(0x663), Some(3.0));
        assert_eq!(numeric('a' as u32), None);
        assert_eq!(digit(0xB2), Some(2));
        assert_eq!(decimal(0xB2), None);
        assert_eq!(decomposition(0xC5), "0041 030A");
        assert_eq!(decomposition(0xBD), "<fraction> 0031 2044 0032");
        assert_eq!(decomposition(0xAC00), "1100 1161");
        assert_eq!(decomposition(0xD7A3), "1112 1175 11C2");
    }
}
