//! The codecs against CPython's answers.

use super::*;
use crate::testing::{Differences, rows, text};

fn decode(codec: &str, policy: Policy, last: bool, b: &[u8]) -> Decoded<Fault> {
    use ByteOrder::*;
    let hook: DecodeHook<'_, Fault> = &mut policy.decoder();
    match codec {
        "utf-8" => utf8::decode(b, last, hook),
        "ascii" => latin::decode_ascii(b, hook),
        "latin-1" => Ok((latin::decode_latin1(b), b.len())),
        "utf-7" => utf7::decode(b, last, hook),
        "utf-16" => utf16::decode(b, Native, last, hook),
        "utf-16-le" => utf16::decode(b, Little, last, hook),
        "utf-16-be" => utf16::decode(b, Big, last, hook),
        "utf-32" => utf32::decode(b, Native, last, hook),
        "utf-32-le" => utf32::decode(b, Little, last, hook),
        "utf-32-be" => utf32::decode(b, Big, last, hook),
        "unicode_escape" => escape::decode_unicode_escape(b, last, hook).map(|(s, n, _)| (s, n)),
        "raw_unicode_escape" => escape::decode_raw_unicode_escape(b, last, hook),
        _ => panic!("{codec}"),
    }
}

fn encode(codec: &str, policy: Policy, t: StrView<'_>) -> Encoded<Fault> {
    use ByteOrder::*;
    let hook: EncodeHook<'_, Fault> = &mut policy.encoder();
    match codec {
        "utf-8" => utf8::encode(t, hook),
        "ascii" => latin::encode_ascii(t, hook),
        "latin-1" => latin::encode_latin1(t, hook),
        "utf-7" => Ok(utf7::encode(t)),
        "utf-16" => utf16::encode(t, Native, hook),
        "utf-16-le" => utf16::encode(t, Little, hook),
        "utf-16-be" => utf16::encode(t, Big, hook),
        "utf-32" => utf32::encode(t, Native, hook),
        "utf-32-le" => utf32::encode(t, Little, hook),
        "utf-32-be" => utf32::encode(t, Big, hook),
        "unicode_escape" => Ok(escape::encode_unicode_escape(t)),
        "raw_unicode_escape" => Ok(escape::encode_raw_unicode_escape(t)),
        _ => panic!("{codec}"),
    }
}

fn bytes(field: &StrBuf) -> Vec<u8> {
    let t = text(field);
    (0..t.len() / 2)
        .map(|i| u8::from_str_radix(&t[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn hex(b: &[u8]) -> String {
    b.iter().map(|b| format!("{b:02x}")).collect()
}

fn fault(f: Fault, b: &[u8], t: StrView<'_>) -> StrBuf {
    let shown = match f {
        Fault::Decode(e) => {
            format!("!UnicodeDecodeError: {}", decode_message(&e, e.encoding, e.reason, b))
        }
        Fault::Encode(e) => {
            format!("!UnicodeEncodeError: {}", encode_message(&e, e.encoding, e.reason, t))
        }
        Fault::Text(e) => crate::testing::show_error(&e),
    };
    shown.into()
}

#[test]
fn codecs_as_cpython() {
    let mut d = Differences::new();
    for row in rows(include_str!("../goldens/codec.tsv")) {
        let codec = text(&row[1]);
        let policy = Policy::from_name(&text(&row[2])).unwrap();
        let got = if row[0] == "encode" {
            let t = row[3].view();
            match encode(&codec, policy, t) {
                Ok(b) => hex(&b).into(),
                Err(f) => fault(f, &[], t),
            }
        } else {
            let b = bytes(&row[3]);
            let last = row[0] == "decode";
            match decode(&codec, policy, last, &b) {
                Ok((s, n)) => {
                    let mut shown = StrBuf::from(format!("{n}:"));
                    shown.push_view(s.view());
                    assert!(s.view().is_canonical());
                    shown
                }
                Err(f) => fault(f, &b, StrView::EMPTY),
            }
        };
        d.check(&row, &got, &row[4]);
    }
}

#[test]
fn charmaps() {
    let table: StrBuf = "ab\u{fffe}€".into();
    let mut ignore = Policy::Replace.decoder();
    let (s, n) = charmap::decode_table(&[1, 3, 2, 9], table.view(), &mut ignore).unwrap();
    assert_eq!((s, n), ("b€\u{fffd}\u{fffd}".into(), 4));
    let mut map = |c: u32| Ok::<_, Fault>((c < 0x80).then(|| vec![c as u8, b'.']));
    let t: StrBuf = "a€€b".into();
    let got = charmap::encode(t.view(), &mut map, &mut Policy::XmlCharRefReplace.encoder());
    assert_eq!(got.unwrap(), b"a.&.#.8.3.6.4.;.&.#.8.3.6.4.;.b.");
    let e = charmap::encode(t.view(), &mut map, &mut Policy::Strict.encoder()).unwrap_err();
    let Fault::Encode(e) = e else { panic!() };
    assert_eq!((e.start, e.end), (1, 3));
}

#[test]
fn positions() {
    assert_eq!(check_position(-1, 3), Ok(2));
    assert!(check_position(4, 3).is_err());
    assert!(check_position(i64::MIN, 3).is_err());
}
