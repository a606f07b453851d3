//! The module `builtins`: its functions, and all the types and exceptions in one dict.

pub mod anext;
pub mod attributes;
pub mod class;
pub mod code;
pub mod numbers;
pub mod print;
pub mod sequence;

use crate::descriptors::{property, wrapped};
use crate::function;
use skein_object::error::Result;
use skein_object::native::{self, Known, Row};
use skein_object::statics as s;
use skein_object::{Ref, dict, intern, row};
use std::sync::OnceLock;

static FUNCTIONS: &[Row] = &[
    row!(
        "__build_class__(func, name, /, *bases, **kwds)",
        crate::type_::build_class::build_class,
        "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nInternal helper function used by the class statement."
    ),
    row!(
        "__import__(name, globals=None, locals=None, fromlist=(), level=0)",
        code::import,
        "Import a module.\n\nBecause this function is meant for use by the Python\ninterpreter and not for general use, it is better to use\nimportlib.import_module() to programmatically import a module.\n\nThe globals argument is only used to determine the context;\nthey are not modified.  The locals argument is unused.  The fromlist\nshould be a list of names to emulate ``from name import ...``, or an\nempty list to emulate ``import name``.\nWhen importing a module from a package, note that __import__('A.B', ...)\nreturns package A when fromlist is empty, but its submodule B when\nfromlist is not empty.  The level argument is used to determine whether to\nperform absolute or relative imports: 0 is absolute, while a positive number\nis the number of parent directories to search relative to the current module."
    ),
    row!(
        "abs(number, /)",
        numbers::abs,
        "Return the absolute value of the argument.\n\n>>> abs(-5)\n5"
    ),
    row!(
        "aiter(async_iterable, /)",
        sequence::aiter,
        "Return an AsyncIterator for an AsyncIterable object."
    ),
    row!(
        "all(iterable, /)",
        sequence::all,
        "Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True."
    )
    .known(Known::All),
    row!(
        "anext(aiterator, default=<unrepresentable>, /)",
        sequence::anext,
        "Return the next item from the async iterator.\n\nIf default is given and the async iterator is exhausted,\nit is returned instead of raising StopAsyncIteration."
    ),
    row!(
        "any(iterable, /)",
        sequence::any,
        "Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False."
    )
    .known(Known::Any),
    row!(
        "ascii(obj, /)",
        print::ascii,
        "Return an ASCII-only representation of an object.\n\nAs repr(), return a string containing a printable representation of an\nobject, but escape the non-ASCII characters in the string returned by\nrepr() using \\\\x, \\\\u or \\\\U escapes. This generates a string similar\nto that returned by repr() in Python 2."
    ),
    row!(
        "bin(integer, /)",
        numbers::bin,
        "Return the binary representation of an integer.\n\n>>> bin(2796202)\n'0b1010101010101010101010'"
    ),
    row!(
        "breakpoint(*args, **kws)",
        code::breakpoint,
        "Call sys.breakpointhook(*args, **kws).\n\nsys.breakpointhook() must accept whatever arguments are passed.\n\nBy default, this drops you into the pdb debugger."
    ),
    row!(
        "callable(obj, /)",
        class::callable,
        "Return whether the object is callable (i.e., some kind of function).\n\nNote that classes are callable, as are instances of classes with a\n__call__() method."
    ),
    row!(
        "chr(i, /)",
        numbers::chr,
        "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."
    ),
    row!(
        "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        code::compile,
        "Compile source into a code object that can be executed by exec() or eval().\n\nThe source code may represent a Python module, statement or expression.\nThe filename will be used for run-time error messages.\nThe mode must be 'exec' to compile a module, 'single' to compile a\nsingle (interactive) statement, or 'eval' to compile an expression.\nThe flags argument, if present, controls which future statements influence\nthe compilation of the code.\nThe dont_inherit argument, if true, stops the compilation inheriting\nthe effects of any future statements in effect in the code calling\ncompile; if absent or false these statements do influence the compilation,\nin addition to any features explicitly specified."
    ),
    row!(
        "delattr(obj, name, /)",
        attributes::delattr,
        "Deletes the named attribute from the given object.\n\ndelattr(x, 'y') is equivalent to ``del x.y``"
    ),
    row!(
        "dir(object=<unrepresentable>, /)",
        attributes::dir,
        "dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope.\nElse, return an alphabetized list of names comprising (some of) the attributes\nof the given object, and of attributes reachable from it."
    ),
    row!(
        "divmod(x, y, /)",
        numbers::divmod,
        "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."
    ),
    row!(
        "eval(source, /, globals=None, locals=None)",
        code::eval,
        "Evaluate the given source in the context of globals and locals.\n\nThe source may be a string representing a Python expression\nor a code object as returned by compile().\nThe globals must be a dictionary and locals can be any mapping,\ndefaulting to the current globals and locals.\nIf only globals is given, locals defaults to it."
    ),
    row!(
        "exec(source, /, globals=None, locals=None, *, closure=None)",
        code::exec,
        "Execute the given source in the context of globals and locals.\n\nThe source may be a string representing one or more Python statements\nor a code object as returned by compile().\nThe globals must be a dictionary and locals can be any mapping,\ndefaulting to the current globals and locals.\nIf only globals is given, locals defaults to it.\nThe closure must be a tuple of cellvars, and can only be used\nwhen source is a code object requiring exactly that many cellvars."
    ),
    row!(
        "format(value, format_spec='', /)",
        print::format,
        "Return type(value).__format__(value, format_spec)\n\nMany built-in types implement format_spec according to the\nFormat Specification Mini-language. See help('FORMATTING') for\ndetails."
    ),
    row!(
        "getattr(object, name, default=None, /)",
        attributes::getattr,
        "getattr(object, name[, default]) -> value\n\nGet a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\nWhen a default argument is given, it is returned when the attribute doesn't\nexist; without it, an exception is raised in that case."
    )
    .peek(|a| skein_object::instance::peek(&a[0], &a[1])),
    row!(
        "globals()",
        attributes::globals,
        "Return the dictionary containing the current scope's global variables.\n\nNOTE: Updates to this dictionary *will* affect name lookups in the current\nglobal scope and vice-versa."
    ),
    row!(
        "hasattr(obj, name, /)",
        attributes::hasattr,
        "Return whether the object has an attribute with the given name.\n\nThis is done by calling getattr(obj, name) and catching AttributeError."
    ),
    row!(
        "hash(obj, /)",
        numbers::hash,
        "Return the hash value for the given object.\n\nTwo objects that compare equal must also have the same hash value, but the\nreverse is not necessarily true."
    ),
    row!(
        "hex(integer, /)",
        numbers::hex,
        "Return the hexadecimal representation of an integer.\n\n>>> hex(12648430)\n'0xc0ffee'"
    ),
    row!(
        "id(obj, /)",
        numbers::id,
        "Return the identity of an object.\n\nThis is guaranteed to be unique among simultaneously existing objects.\n(CPython uses the object's memory address.)"
    ),
    row!(
        "input(prompt='', /)",
        print::input,
        "Read a string from standard input.  The trailing newline is stripped.\n\nThe prompt string, if given, is printed to standard output without a\ntrailing newline before reading input.\n\nIf the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.\nOn *nix systems, readline is used if available."
    ),
    row!(
        "isinstance(obj, class_or_tuple, /)",
        class::isinstance,
        "Return whether an object is an instance of a class or of a subclass thereof.\n\nA tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)\nor ...`` etc."
    )
    .peek(|a| skein_object::protocol::compare::peek_instance(&a[0], &a[1])),
    row!(
        "issubclass(cls, class_or_tuple, /)",
        class::issubclass,
        "Return whether 'cls' is derived from another class or is the same class.\n\nA tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)\nor ...``."
    ),
    row!(
        "iter(object, sentinel=<unrepresentable>, /)",
        sequence::iter,
        "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nGet an iterator from an object.\nIn the first form, the argument must supply its own iterator, or be a sequence.\nIn the second form, the callable is called until it returns the sentinel."
    ),
    row!(
        "len(obj, /)",
        sequence::len,
        "Return the number of items in a container."
    )
    .peek(|a| sequence::peek_len(&a[0])),
    row!(
        "locals()",
        attributes::locals,
        "Return a dictionary containing the current scope's local variables.\n\nNOTE: Whether or not updates to this dictionary will affect name lookups in\nthe local scope and vice-versa is *implementation dependent* and not\ncovered by any backwards compatibility guarantees."
    ),
    row!(
        "max(*args, key=None, default=<unrepresentable>)",
        sequence::max,
        "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its biggest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the largest argument."
    )
    .quick(sequence::max_quick),
    row!(
        "min(*args, key=None, default=<unrepresentable>)",
        sequence::min,
        "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its smallest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the smallest argument."
    )
    .quick(sequence::min_quick),
    row!(
        "next(iterator, default=<unrepresentable>, /)",
        sequence::next,
        "next(iterator[, default])\n\nReturn the next item from the iterator. If default is given and the iterator\nis exhausted, it is returned instead of raising StopIteration."
    ),
    row!(
        "oct(integer, /)",
        numbers::oct,
        "Return the octal representation of an integer.\n\n>>> oct(342391)\n'0o1234567'"
    ),
    row!(
        "ord(character, /)",
        numbers::ord,
        "Return the ordinal value of a character.\n\nIf the argument is a one-character string, return the Unicode code\npoint of that character.\n\nIf the argument is a bytes or bytearray object of length 1, return its\nsingle byte value."
    ),
    row!(
        "pow(base, exp, mod=None)",
        numbers::pow,
        "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.\n\nSome types, such as ints, are able to use a more efficient algorithm when\ninvoked using the three argument form."
    ),
    row!(
        "print(*args, sep=' ', end='\\n', file=None, flush=False)",
        print::print,
        "Prints the values to a stream, or to sys.stdout by default.\n\n  sep\n    string inserted between values, default a space.\n  end\n    string appended after the last value, default a newline.\n  file\n    a file-like object (stream); defaults to the current sys.stdout.\n  flush\n    whether to forcibly flush the stream."
    ),
    row!(
        "repr(obj, /)",
        print::repr,
        "Return the canonical string representation of the object.\n\nFor many object types, including most builtins, eval(repr(obj)) == obj."
    ),
    row!(
        "round(number, ndigits=None)",
        numbers::round,
        "Round a number to a given precision in decimal digits.\n\nThe return value is an integer if ndigits is omitted or None.  Otherwise\nthe return value has the same type as the number.  ndigits may be negative."
    ),
    row!(
        "setattr(obj, name, value, /)",
        attributes::setattr,
        "Sets the named attribute on the given object to the specified value.\n\nsetattr(x, 'y', v) is equivalent to ``x.y = v``"
    ),
    row!(
        "sorted(iterable, /, *, key=None, reverse=False)",
        sequence::sorted,
        "Return a new list containing all items from the iterable in ascending order.\n\nA custom key function can be supplied to customize the sort order, and the\nreverse flag can be set to request the result in descending order."
    )
    .quick(sequence::sorted_quick),
    row!(
        "sum(iterable, /, start=0)",
        sequence::sum,
        "Return the sum of a 'start' value (default: 0) plus an iterable of numbers\n\nWhen the iterable is empty, return the start value.\nThis function is intended specifically for use with numeric values and may\nreject non-numeric types."
    ),
    row!(
        "vars(object=<unrepresentable>, /)",
        attributes::vars,
        "vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__."
    ),
    row!(
        "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        code::open,
        "Open file and return a stream.  Raise OSError upon failure."
    ),
];

/// The module object.
///
/// # Errors
/// MemoryError.
pub fn module() -> Result<Ref> {
    static MODULE: OnceLock<Ref> = OnceLock::new();
    if let Some(m) = MODULE.get() {
        return Ok(m.clone());
    }
    let m = make()?;
    skein_gc::publish::publish(m.value());
    Ok(MODULE.get_or_init(|| m).clone())
}

/// The module's dict.
///
/// # Errors
/// MemoryError.
pub fn module_dict() -> Result<Ref> {
    function::module::dict_of(&module()?)
}

fn make() -> Result<Ref> {
    let m = function::module::make(
        "builtins",
        Some(
            "Built-in functions, types, exceptions, and other objects.\n\nThis module provides direct access to all 'built-in'\nidentifiers of Python; for example, builtins.len is\nthe full name for the built-in function len().\n\nThis module is not usually accessed explicitly by most\napplications, but can be useful to provide access to\nbuilt-in objects with the same name as functions.",
        ),
    )?;
    let d = function::module::dict_of(&m)?;
    let name = intern::name("builtins");
    for row in FUNCTIONS {
        dict::set_str(&d, row.name(), native::module_function(row, &name)?)?;
    }
    for ty in s::ALL {
        let hidden = [
            "NoneType",
            "ellipsis",
            "NotImplementedType",
            "cell",
            "code",
            "function",
            "method",
            "builtin_function_or_method",
            "method_descriptor",
            "module",
            "traceback",
        ];
        if !hidden.contains(&ty.name()) && !ty.name().contains('.') {
            dict::set_str(&d, ty.name(), ty.object())?;
        }
    }
    for ty in [
        &property::PROPERTY,
        &wrapped::CLASS_METHOD,
        &wrapped::STATIC_METHOD,
        &function::super_::SUPER,
    ] {
        dict::set_str(&d, ty.name(), ty.object())?;
    }
    for ty in s::OBJECT.subclasses() {
        if OTHER_ROOMS.contains(&ty.name()) {
            dict::set_str(&d, ty.name(), ty.object())?;
        }
    }
    for (name, value) in [
        ("None", s::none()),
        ("True", s::true_()),
        ("False", s::false_()),
        ("Ellipsis", s::ellipsis()),
        ("NotImplemented", s::not_implemented()),
        ("__debug__", s::true_()),
        ("EnvironmentError", s::OS_ERROR.object()),
        ("IOError", s::OS_ERROR.object()),
    ] {
        dict::set_str(&d, name, value)?;
    }
    Ok(m)
}

/// Types that are no core statics; their rooms have completed them by now.
const OTHER_ROOMS: &[&str] = &[
    "bytearray",
    "enumerate",
    "filter",
    "map",
    "memoryview",
    "range",
    "reversed",
    "zip",
];

/// Completes the types that only functions of this module make.
pub fn ready() -> Result<()> {
    anext::ready()
}
