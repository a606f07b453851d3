//! Source text of expressions, for string annotations.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;
use skein_bytecode::Const;

/// The text of an expression as CPython's `ast.unparse` writes it.
pub(crate) fn unparse(e: &Expr, source: &str) -> Vec<u8> {
    let r = e.range();
    source
        .get(r.start().to_usize()..r.end().to_usize())
        .unwrap_or("")
        .as_bytes()
        .to_vec()
}

/// `repr` of a constant, for messages.
pub(crate) fn const_repr(c: &Const) -> String {
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(s) => s.to_string(),
        Const::Float(f) => format!("{f:?}"),
        Const::Str(s) => format!("'{}'", String::from_utf8_lossy(s)),
        Const::Bytes(s) => format!("b'{}'", String::from_utf8_lossy(s)),
        _ => "...".into(),
    }
}
