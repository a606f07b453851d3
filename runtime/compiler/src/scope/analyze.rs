//! Decides where names live.

use super::{Place, ScopeId, ScopeKind, Scopes, sym};
use crate::error::{Res, syntax};
use ruff_python_ast::name::Name;

impl Scopes {
    /// The scope whose code unit `id` belongs to.
    pub fn unit_of(&self, mut id: ScopeId) -> ScopeId {
        while self.all[id].kind == ScopeKind::Comprehension {
            match self.all[id].parent {
                Some(p) => id = p,
                None => break,
            }
        }
        id
    }

    /// The scope that binds `name` as seen from `from` (which does not bind it); none for globals.
    fn binder(&self, from: ScopeId, name: &Name) -> Option<ScopeId> {
        let implicit = matches!(
            name.as_str(),
            "__class__" | "__classdict__" | "__conditional_annotations__"
        );
        let mut at = self.all[from].parent;
        while let Some(id) = at {
            let s = &self.all[id];
            let f = s.flags(name);
            match s.kind {
                ScopeKind::Module => return None,
                ScopeKind::Class => {
                    if implicit && name != "__conditional_annotations__" {
                        return Some(id);
                    }
                    if implicit && s.has_conditional {
                        return Some(id);
                    }
                }
                _ => {
                    if f & sym::GLOBAL != 0 {
                        return None;
                    }
                    if f & sym::BOUND != 0 && f & sym::NONLOCAL == 0 {
                        return Some(id);
                    }
                }
            }
            at = s.parent;
        }
        None
    }

    /// Where `name` lives for code in scope `id`.
    pub fn place(&self, id: ScopeId, name: &Name) -> Place {
        let s = &self.all[id];
        let unit = self.unit_of(id);
        let f = s.flags(name);
        if f & sym::GLOBAL != 0 {
            return Place::Global;
        }
        let own = f & sym::BOUND != 0 && f & sym::NONLOCAL == 0;
        if own {
            if s.is_function_like() {
                return match s.symbol(name).and_then(|x| x.reg) {
                    Some(r) if f & sym::CAPTURED != 0 => Place::Cell(r),
                    Some(r) => Place::Fast(r),
                    None => Place::Global,
                };
            }
            return Place::Name;
        }
        let class = s.sees_class.then(|| self.class_around(id)).flatten();
        if let Some(c) = class {
            let cf = self.all[c].flags(name);
            if cf & sym::GLOBAL != 0 {
                return Place::Global;
            }
            if cf & sym::BOUND != 0 && cf & sym::NONLOCAL == 0 && name != "__classdict__" {
                return Place::DictGlobal;
            }
        }
        match self.binder(id, name) {
            Some(b) if self.unit_of(b) == unit => {
                let x = self.all[b].symbol(name);
                match x.and_then(|x| x.reg.map(|r| (r, x.flags))) {
                    Some((r, f)) if f & sym::CAPTURED != 0 => Place::Cell(r),
                    Some((r, _)) => Place::Fast(r),
                    None => Place::Global,
                }
            }
            Some(_) => match self.all[unit].free_regs.get(name) {
                Some(&r) if id == unit && s.kind == ScopeKind::Class && f & sym::NONLOCAL == 0 => Place::ClassFree(r),
                Some(&r)
                    if class.is_some()
                        && name != "__classdict__"
                        && name != "__conditional_annotations__"
                        && name != "__class__"
                        && f & sym::NONLOCAL == 0 =>
                {
                    Place::DictFree(r)
                }
                Some(&r) => Place::Free(r),
                None => Place::Global,
            },
            None if class.is_some() => Place::DictGlobal,
            None if s.is_function_like() => Place::Global,
            None => Place::Name,
        }
    }

    /// The register in unit of `id` that holds the cell of `name`, for building a closure.
    pub fn cell_of(&self, id: ScopeId, name: &Name) -> Option<u16> {
        let s = &self.all[id];
        let f = s.flags(name);
        let implicit = s.kind == ScopeKind::Class
            && matches!(
                name.as_str(),
                "__class__" | "__classdict__" | "__conditional_annotations__"
            );
        if ((s.is_function_like() && f & sym::BOUND != 0 && f & (sym::NONLOCAL | sym::GLOBAL) == 0) || implicit)
            && let Some(r) = s.symbol(name).and_then(|x| x.reg)
        {
            return Some(r);
        }
        let unit = self.unit_of(id);
        if id != unit
            && let Some(p) = s.parent
        {
            // A class around an inlined comprehension does not lend its names, but its implicit cells.
            return self.cell_of(p, name);
        }
        self.all[unit].free_regs.get(name).copied()
    }

    fn class_around(&self, id: ScopeId) -> Option<ScopeId> {
        let mut at = self.all[id].parent;
        while let Some(p) = at {
            match self.all[p].kind {
                ScopeKind::Class => return Some(p),
                _ if self.all[p].sees_class => at = self.all[p].parent,
                _ => return None,
            }
        }
        None
    }
}

/// Resolves all names and assigns registers.
pub(crate) fn analyze(scopes: &mut Scopes) -> Res<()> {
    for id in 0..scopes.all.len() {
        let nested = scopes.all[id]
            .parent
            .is_some_and(|p| scopes.all[p].nested || scopes.all[p].is_function_like());
        scopes.all[id].nested = nested;
        for i in 0..scopes.all[id].symbols.len() {
            let (name, flags, range) = {
                let s = &scopes.all[id].symbols[i];
                (s.name.clone(), s.flags, s.range)
            };
            if flags & sym::GLOBAL != 0 {
                continue;
            }
            let own = flags & sym::BOUND != 0 && flags & sym::NONLOCAL == 0;
            if own {
                continue;
            }
            match scopes.binder(id, &name) {
                Some(b) if flags & sym::NONLOCAL != 0 && scopes.all[b].kind == ScopeKind::TypeParams => {
                    return syntax(
                        range,
                        format!("nonlocal binding not allowed for type parameter '{name}'"),
                    );
                }
                Some(b) => {
                    let unit = scopes.unit_of(id);
                    let home = scopes.unit_of(b);
                    if scopes.all[b].kind == ScopeKind::Class {
                        match name.as_str() {
                            "__class__" => scopes.all[b].needs_class = true,
                            "__classdict__" => scopes.all[b].needs_classdict = true,
                            _ => {}
                        }
                        let r = scopes.all[b].range;
                        scopes.all[b].add(&name, 0, r);
                    }
                    if unit != home {
                        scopes.all[b].add(&name, sym::CAPTURED, range);
                        let mut u = unit;
                        while u != home {
                            if !scopes.all[u].free.contains(&name) {
                                scopes.all[u].free.push(name.clone());
                            }
                            match scopes.all[u].parent {
                                Some(p) => u = scopes.unit_of(p),
                                None => break,
                            }
                        }
                    }
                }
                None if flags & sym::NONLOCAL != 0 => {
                    return syntax(range, format!("no binding for nonlocal '{name}' found"));
                }
                None => {}
            }
        }
    }
    for id in 0..scopes.all.len() {
        if scopes.unit_of(id) == id {
            registers(scopes, id)?;
        }
    }
    Ok(())
}

fn registers(scopes: &mut Scopes, unit: ScopeId) -> Res<()> {
    let mut names: Vec<Name> = Vec::new();
    let mut cells = Vec::new();
    // Parameters first.
    let params = scopes.all[unit].params.clone();
    for p in &params {
        let reg = names.len() as u16;
        let range = scopes.all[unit].range;
        let s = scopes.all[unit].add(p, 0, range);
        s.reg = Some(reg);
        if s.flags & sym::CAPTURED != 0 {
            cells.push(reg);
        }
        names.push(p.clone());
    }
    let mut stack = vec![unit];
    while let Some(id) = stack.pop() {
        let kind = scopes.all[id].kind;
        if scopes.all[id].is_function_like() {
            for s in &mut scopes.all[id].symbols {
                if s.reg.is_none() && s.flags & sym::BOUND != 0 && s.flags & (sym::GLOBAL | sym::NONLOCAL) == 0 {
                    let reg = names.len() as u16;
                    s.reg = Some(reg);
                    if s.flags & sym::CAPTURED != 0 {
                        cells.push(reg);
                    }
                    names.push(s.name.clone());
                }
            }
        } else if kind == ScopeKind::Class {
            if scopes.all[id].has_conditional {
                let r = scopes.all[id].range;
                scopes.all[id].add(&Name::new_static("__conditional_annotations__"), 0, r);
            }
            let s = &mut scopes.all[id];
            for want in ["__class__", "__classdict__", "__conditional_annotations__"] {
                let needed = match want {
                    "__class__" => s.needs_class,
                    "__classdict__" => s.needs_classdict,
                    _ => s.has_conditional,
                };
                if needed {
                    let reg = names.len() as u16;
                    let range = s.range;
                    let x = s.add(&Name::new_static(want), 0, range);
                    x.reg = Some(reg);
                    cells.push(reg);
                    names.push(Name::new_static(want));
                }
            }
        }
        // Inlined comprehensions, in the order of the source.
        let children: Vec<_> = scopes.all[id]
            .children
            .iter()
            .rev()
            .copied()
            .filter(|&c| scopes.all[c].kind == ScopeKind::Comprehension)
            .collect();
        stack.extend(children);
    }
    let s = &mut scopes.all[unit];
    s.free.sort();
    let free = s.free.clone();
    for f in &free {
        s.free_regs.insert(f.clone(), names.len() as u16);
        names.push(f.clone());
    }
    if names.len() > 60_000 {
        return Err(crate::error::Error::new(
            crate::error::ErrorKind::Memory,
            s.range,
            "too many local variables",
        ));
    }
    s.cell_regs = cells;
    s.local_names = names;
    Ok(())
}
