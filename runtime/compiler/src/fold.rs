//! Constant folding, with CPython's limits on the size of results.

use crate::literal;
use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};
use ruff_python_ast::{Expr, ExprSlice, Operator, UnaryOp};
use skein_bytecode::Const;

const MAX_INT_BITS: u64 = 128;
const MAX_COLLECTION: usize = 256;
const MAX_STR: usize = 4096;
const MAX_TOTAL: usize = 1024;

/// A byte string that is equal for constants that may be merged.
pub(crate) fn key(c: &Const, out: &mut Vec<u8>) {
    let bytes = |out: &mut Vec<u8>, b: &[u8]| {
        out.extend((b.len() as u64).to_le_bytes());
        out.extend(b);
    };
    match c {
        Const::None => out.push(0),
        Const::True => out.push(1),
        Const::False => out.push(2),
        Const::Ellipsis => out.push(3),
        Const::Int(i) => {
            out.push(4);
            out.extend(i.to_le_bytes());
        }
        Const::BigInt(s) => {
            out.push(5);
            bytes(out, s.as_bytes());
        }
        Const::Float(f) => {
            out.push(6);
            out.extend(f.to_bits().to_le_bytes());
        }
        Const::Complex(a, b) => {
            out.push(7);
            out.extend(a.to_bits().to_le_bytes());
            out.extend(b.to_bits().to_le_bytes());
        }
        Const::Str(s) => {
            out.push(8);
            bytes(out, s);
        }
        Const::Bytes(s) => {
            out.push(9);
            bytes(out, s);
        }
        Const::Tuple(t) | Const::FrozenSet(t) => {
            out.push(if matches!(c, Const::Tuple(_)) { 10 } else { 11 });
            out.extend((t.len() as u64).to_le_bytes());
            for x in t {
                key(x, out);
            }
        }
        Const::Slice(s) => {
            out.push(12);
            for x in s.iter() {
                key(x, out);
            }
        }
        Const::Code(c) => {
            out.push(13);
            out.extend((std::sync::Arc::as_ptr(c) as usize).to_le_bytes());
        }
    }
}

/// An int constant of any size.
pub(crate) fn int_const(i: &BigInt) -> Const {
    const LIMIT: i64 = 1 << 62;
    match i.to_i64() {
        Some(v) if (-LIMIT..LIMIT).contains(&v) => Const::Int(v),
        _ => {
            let text = if i.bits() > 1024 {
                let (sign, digits) = i.to_radix_be(16);
                let mut s = String::from(if sign == Sign::Minus { "-0x" } else { "0x" });
                s.extend(digits.iter().filter_map(|&d| char::from_digit(d as u32, 16)));
                s
            } else {
                i.to_string()
            };
            Const::BigInt(text.into())
        }
    }
}

fn to_big(c: &Const) -> Option<BigInt> {
    match c {
        Const::Int(i) => Some(BigInt::from(*i)),
        Const::True => Some(BigInt::from(1)),
        Const::False => Some(BigInt::from(0)),
        Const::BigInt(s) => literal::parse_big(s),
        _ => None,
    }
}

fn to_float(c: &Const) -> Option<f64> {
    match c {
        Const::Float(f) => Some(*f),
        Const::Int(i) if i.unsigned_abs() < 1 << 53 => Some(*i as f64),
        Const::True => Some(1.0),
        Const::False => Some(0.0),
        _ => None,
    }
}

fn to_complex(c: &Const) -> Option<(f64, f64)> {
    match c {
        Const::Complex(a, b) => Some((*a, *b)),
        c => to_float(c).map(|f| (f, 0.0)),
    }
}

/// Truth of a constant.
pub(crate) fn truth(c: &Const) -> bool {
    match c {
        Const::None | Const::False => false,
        Const::True | Const::Ellipsis | Const::BigInt(_) | Const::Code(_) | Const::Slice(_) => true,
        Const::Int(i) => *i != 0,
        Const::Float(f) => *f != 0.0,
        Const::Complex(a, b) => *a != 0.0 || *b != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
    }
}

fn size(c: &Const) -> usize {
    match c {
        Const::Tuple(t) | Const::FrozenSet(t) => t.iter().map(size).sum::<usize>() + t.len(),
        Const::Str(s) | Const::Bytes(s) => s.len(),
        _ => 1,
    }
}

fn unary(op: UnaryOp, c: &Const) -> Option<Const> {
    Some(match (op, c) {
        (UnaryOp::Not, c) => {
            if truth(c) {
                Const::False
            } else {
                Const::True
            }
        }
        (UnaryOp::USub, Const::Float(f)) => Const::Float(-f),
        (UnaryOp::USub, Const::Complex(a, b)) => Const::Complex(-a, -b),
        (UnaryOp::UAdd, Const::Float(f)) => Const::Float(*f),
        (UnaryOp::UAdd, Const::Complex(a, b)) => Const::Complex(*a, *b),
        (UnaryOp::USub, c) => int_const(&-to_big(c)?),
        (UnaryOp::UAdd, c) => int_const(&to_big(c)?),
        // Inverting a bool is deprecated and warns at run time.
        (UnaryOp::Invert, Const::True | Const::False) => return None,
        (UnaryOp::Invert, c) => int_const(&(-to_big(c)? - 1)),
    })
}

fn floor_mod(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let q = a / b;
    let r = a - &q * b;
    if !r.is_zero() && (r.is_negative() != b.is_negative()) {
        (q - 1, r + b)
    } else {
        (q, r)
    }
}

fn ints(op: Operator, a: &BigInt, b: &BigInt) -> Option<Const> {
    let r = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => {
            if a.bits() + b.bits() > MAX_INT_BITS {
                return None;
            }
            a * b
        }
        Operator::FloorDiv | Operator::Mod => {
            if b.is_zero() {
                return None;
            }
            let (q, r) = floor_mod(a, b);
            if op == Operator::Mod { r } else { q }
        }
        Operator::Div => {
            let (x, y) = (a.to_i64()?, b.to_i64()?);
            if y == 0 || x.unsigned_abs() >= 1 << 53 || y.unsigned_abs() >= 1 << 53 {
                return None;
            }
            return Some(Const::Float(x as f64 / y as f64));
        }
        Operator::Pow => {
            let e = b.to_u32()?;
            if a.bits().max(1) * e as u64 > MAX_INT_BITS {
                return None;
            }
            a.pow(e)
        }
        Operator::LShift => {
            let n = b.to_u32()?;
            if n as u64 + a.bits() > MAX_INT_BITS {
                return None;
            }
            a << n
        }
        Operator::RShift => a >> b.to_u32()?,
        Operator::BitAnd => a & b,
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::MatMult => return None,
    };
    Some(int_const(&r))
}

fn floats(op: Operator, a: f64, b: f64) -> Option<Const> {
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::Pow if a > 0.0 => {
            let r = a.powf(b);
            if !r.is_finite() {
                return None;
            }
            r
        }
        _ => return None,
    }))
}

fn repeat<T: Clone>(items: &[T], n: &Const, limit: usize) -> Option<Vec<T>> {
    let Const::Int(n) = n else { return None };
    let n = (*n).max(0) as usize;
    if items.len().checked_mul(n)? > limit {
        return None;
    }
    Some((0..n).flat_map(|_| items.iter().cloned()).collect())
}

fn binary(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    use Const::{Bytes, Complex, Float, Str, Tuple};
    if matches!(
        (op, a, b),
        (
            Operator::BitAnd | Operator::BitOr | Operator::BitXor,
            Const::True | Const::False,
            Const::True | Const::False
        )
    ) {
        let (x, y) = (truth(a), truth(b));
        let r = match op {
            Operator::BitAnd => x & y,
            Operator::BitOr => x | y,
            _ => x ^ y,
        };
        return Some(if r { Const::True } else { Const::False });
    }
    match (a, b) {
        (Str(x), Str(y)) if op == Operator::Add && x.len() + y.len() <= MAX_STR => {
            Some(Str([&**x, &**y].concat().into()))
        }
        (Bytes(x), Bytes(y)) if op == Operator::Add && x.len() + y.len() <= MAX_STR => {
            Some(Bytes([&**x, &**y].concat().into()))
        }
        (Tuple(x), Tuple(y)) if op == Operator::Add && x.len() + y.len() <= MAX_COLLECTION => {
            Some(Tuple([&x[..], &y[..]].concat()))
        }
        (Str(x), n) | (n, Str(x)) if op == Operator::Mult => repeat(x, n, MAX_STR).map(|v| Str(v.into())),
        (Bytes(x), n) | (n, Bytes(x)) if op == Operator::Mult => repeat(x, n, MAX_STR).map(|v| Bytes(v.into())),
        (Tuple(x), n) | (n, Tuple(x)) if op == Operator::Mult => {
            let r = Tuple(repeat(x, n, MAX_COLLECTION)?);
            (size(&r) <= MAX_TOTAL).then_some(r)
        }
        (Complex(..), _) | (_, Complex(..)) => {
            let ((ar, ai), (br, bi)) = (to_complex(a)?, to_complex(b)?);
            // Mixed arithmetic keeps the sign of a real operand's missing part, so only + and - of plain sums fold.
            match (op, a, b) {
                (Operator::Add, Complex(..), Complex(..)) => Some(Complex(ar + br, ai + bi)),
                (Operator::Sub, Complex(..), Complex(..)) => Some(Complex(ar - br, ai - bi)),
                (Operator::Add, Complex(..), _) => Some(Complex(ar + br, ai)),
                (Operator::Add, _, Complex(..)) => Some(Complex(ar + br, bi)),
                (Operator::Sub, Complex(..), _) => Some(Complex(ar - br, ai)),
                (Operator::Sub, _, Complex(..)) => Some(Complex(ar - br, -bi)),
                _ => None,
            }
        }
        (Float(_), _) | (_, Float(_)) => floats(op, to_float(a)?, to_float(b)?),
        _ => ints(op, &to_big(a)?, &to_big(b)?),
    }
}

impl crate::emit::Compiler<'_> {
    /// The value of `e` if it is constant.
    pub(crate) fn fold(&self, e: &Expr) -> Option<Const> {
        Some(match e {
            Expr::NoneLiteral(_) => Const::None,
            Expr::BooleanLiteral(b) => {
                if b.value {
                    Const::True
                } else {
                    Const::False
                }
            }
            Expr::EllipsisLiteral(_) => Const::Ellipsis,
            Expr::NumberLiteral(n) => literal::number(&n.value)?,
            Expr::StringLiteral(s) => Const::Str(literal::string(s, self.src.text)),
            Expr::BytesLiteral(b) => Const::Bytes(b.value.bytes().collect::<Vec<u8>>().into_boxed_slice()),
            Expr::Name(n) if n.id.as_str() == "__debug__" => {
                if self.optimize == 0 {
                    Const::True
                } else {
                    Const::False
                }
            }
            Expr::UnaryOp(u) => unary(u.op, &self.fold(&u.operand)?)?,
            Expr::BinOp(b) => {
                // Left-deep chains are folded without recursion on the way down where the leaf is no constant.
                let mut leaf = &*b.left;
                while let Expr::BinOp(x) = leaf {
                    leaf = &x.left;
                }
                if !may_fold(leaf) {
                    return None;
                }
                binary(b.op, &self.fold(&b.left)?, &self.fold(&b.right)?)?
            }
            Expr::Tuple(t) => Const::Tuple(t.elts.iter().map(|e| self.fold(e)).collect::<Option<Vec<_>>>()?),
            Expr::Subscript(s) => {
                let v = match &*s.value {
                    Expr::Tuple(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => self.fold(&s.value)?,
                    _ => return None,
                };
                let Const::Int(i) = self.fold(&s.slice)? else {
                    return None;
                };
                index(&v, i)?
            }
            _ => return None,
        })
    }

    /// A slice of constants.
    pub(crate) fn fold_slice(&self, s: &ExprSlice) -> Option<Const> {
        let part = |e: &Option<Box<Expr>>| match e {
            Some(e) => self.fold(e),
            None => Some(Const::None),
        };
        Some(Const::Slice(Box::new([
            part(&s.lower)?,
            part(&s.upper)?,
            part(&s.step)?,
        ])))
    }
}

fn may_fold(e: &Expr) -> bool {
    match e {
        Expr::UnaryOp(u) => may_fold(&u.operand),
        Expr::Tuple(_) | Expr::Subscript(_) => true,
        e => e.is_literal_expr(),
    }
}

fn index(v: &Const, i: i64) -> Option<Const> {
    let at = |len: usize| -> Option<usize> {
        let i = if i < 0 { i + len as i64 } else { i };
        usize::try_from(i).ok().filter(|&i| i < len)
    };
    match v {
        Const::Tuple(t) => t.get(at(t.len())?).cloned(),
        Const::Bytes(b) => b.get(at(b.len())?).map(|&b| Const::Int(b as i64)),
        Const::Str(s) => {
            let s = std::str::from_utf8(s).ok()?;
            let c = s.chars().nth(at(s.chars().count())?)?;
            Some(Const::Str(c.to_string().into_bytes().into()))
        }
        _ => None,
    }
}
