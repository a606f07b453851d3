//! From the parser's tree: f-strings and t-strings. Adjacent literal pieces are one Constant.

use super::build::{Builder, node};
use super::{Field, Node};
use crate::literal;
use ruff_python_ast::{self as ast, ConversionFlag, FStringPart, InterpolatedStringElement as Element};
use ruff_text_size::{TextRange, TextSize};
use skein_bytecode::Const;

/// Values of a string in the making.
struct Values<'a, 'b> {
    b: &'a Builder<'b>,
    done: Vec<Field>,
    text: Vec<u8>,
    range: Option<TextRange>,
}

impl Values<'_, '_> {
    fn literal(&mut self, r: TextRange, f: impl FnOnce(&mut Vec<u8>)) {
        f(&mut self.text);
        self.range = Some(self.range.map_or(r, |old| old.cover(r)));
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if let Some(r) = self.range.take()
            && !text.is_empty()
        {
            self.done
                .push(self.b.constant(r, Const::Str(text.into()), false).into());
        }
    }

    fn element(&mut self, e: &Element, raw: bool, template: bool) {
        match e {
            Element::Literal(l) => {
                let source = self.b.src.text;
                self.literal(l.range, |out| literal::literal_element(l, source, raw, out));
            }
            Element::Interpolation(i) => {
                if let Some(d) = &i.debug_text {
                    let start = i.range.start() + TextSize::from(1);
                    let end = start + TextSize::try_from(d.as_str().len()).unwrap_or_default();
                    self.literal(TextRange::new(start, end), |out| out.extend(d.as_str().as_bytes()));
                }
                self.flush();
                let node = self.b.interpolation(i, raw, template);
                self.done.push(node.into());
            }
        }
    }

    fn finish(mut self) -> Field {
        self.flush();
        Field::List(self.done)
    }
}

impl<'b> Builder<'b> {
    fn values(&self) -> Values<'_, 'b> {
        Values {
            b: self,
            done: Vec::new(),
            text: Vec::new(),
            range: None,
        }
    }

    pub fn f_string(&self, x: &ast::ExprFString) -> Node {
        let mut v = self.values();
        for part in x.value.iter() {
            match part {
                FStringPart::Literal(s) => {
                    let source = self.src.text;
                    v.literal(s.range, |out| literal::string_part(s, source, out));
                }
                FStringPart::FString(f) => {
                    let raw = f.flags.prefix().is_raw();
                    f.elements.iter().for_each(|e| v.element(e, raw, false));
                }
            }
        }
        node!(self, "JoinedStr", x.range; values: v.finish())
    }

    pub fn t_string(&self, x: &ast::ExprTString) -> Node {
        let mut v = self.values();
        for t in x.value.iter() {
            let raw = t.flags.prefix().is_raw();
            t.elements.iter().for_each(|e| v.element(e, raw, true));
        }
        node!(self, "TemplateStr", x.range; values: v.finish())
    }

    fn interpolation(&self, i: &ast::InterpolatedElement, raw: bool, template: bool) -> Node {
        // `=` alone means repr.
        let conversion = match i.conversion {
            ConversionFlag::None if i.debug_text.is_some() && i.format_spec.is_none() => b'r' as i64,
            c => c as i8 as i64,
        };
        let spec: Field = i
            .format_spec
            .as_deref()
            .map(|s| {
                let mut v = self.values();
                s.elements.iter().for_each(|e| v.element(e, raw, false));
                // CPython's range begins with the colon.
                let start = s.range.start() - TextSize::from((s.range.start() > i.range.start()) as u32);
                node!(self, "JoinedStr", TextRange::new(start, s.range.end()); values: v.finish())
            })
            .into();
        let value = self.expr(&i.expression);
        if !template {
            return node!(self, "FormattedValue", i.range;
                value: value, conversion: Field::Int(conversion), format_spec: spec);
        }
        let text = crate::emit::interpolation_source(self.src.text, i);
        node!(self, "Interpolation", i.range;
            value: value, str: Field::Const(Const::Str(text.as_bytes().into())),
            conversion: Field::Int(conversion), format_spec: spec)
    }
}
