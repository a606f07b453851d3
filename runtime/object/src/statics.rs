//! The core types as statics, and the immortal singletons.

use crate::layouts::code::SliceBody;
use crate::layouts::exception::TracebackBody;
use crate::layouts::number::BoolBody;
use crate::layouts::*;
use crate::object::{Layout, Object, Payload};
use crate::types::{TYPE_LAYOUT, Type, flag::*};
use skein_gc::{Header, Ref, Value};
use std::sync::OnceLock;

const fn layout_of<T: Payload>() -> &'static Layout {
    T::LAYOUT
}

macro_rules! types {
    ($($id:ident $name:literal $base:ident $layout:ty, $flags:expr;)*) => {
        $(pub static $id: Type = Type::declare($name, Some(&$base), layout_of::<$layout>(), $flags);)*

        /// All static types of this crate, bases before derived ones.
        pub static ALL: &[&Type] = &[&OBJECT, &TYPE, $(&$id,)* ];
    };
}

pub static OBJECT: Type = Type::declare("object", None, layout_of::<()>(), BASETYPE);
pub static TYPE: Type = Type::declare("type", Some(&OBJECT), &TYPE_LAYOUT, BASETYPE | DEFERRED | WEAKREFABLE);

types! {
    INT "int" OBJECT BigIntBody, BASETYPE | MATCH_SELF;
    BOOL "bool" INT BoolBody, MATCH_SELF;
    FLOAT "float" OBJECT FloatBody, BASETYPE | MATCH_SELF;
    COMPLEX "complex" OBJECT ComplexBody, BASETYPE;
    STR "str" OBJECT StrBody, BASETYPE | MATCH_SELF;
    BYTES "bytes" OBJECT BytesBody, BASETYPE | MATCH_SELF;
    TUPLE "tuple" OBJECT TupleBody, BASETYPE | MATCH_SELF | SEQUENCE;
    LIST "list" OBJECT ListBody, BASETYPE | MATCH_SELF | SEQUENCE;
    DICT "dict" OBJECT DictBody, BASETYPE | MATCH_SELF | MAPPING;
    SET "set" OBJECT SetBody, BASETYPE | MATCH_SELF | WEAKREFABLE;
    FROZENSET "frozenset" OBJECT SetBody, BASETYPE | MATCH_SELF | WEAKREFABLE;
    NONE_TYPE "NoneType" OBJECT (), 0;
    ELLIPSIS_TYPE "ellipsis" OBJECT (), 0;
    NOT_IMPLEMENTED_TYPE "NotImplementedType" OBJECT (), 0;
    SLICE "slice" OBJECT SliceBody, 0;
    CELL "cell" OBJECT CellBody, 0;
    CODE "code" OBJECT CodeBody, DEFERRED | WEAKREFABLE;
    FUNCTION "function" OBJECT FunctionBody, HAS_DICT | WEAKREFABLE | METHOD_DESCRIPTOR;
    METHOD "method" OBJECT BoundMethodBody, WEAKREFABLE;
    NATIVE "builtin_function_or_method" OBJECT NativeBody, WEAKREFABLE | NO_NEW;
    METHOD_DESCRIPTOR_TYPE "method_descriptor" OBJECT MethodDescriptorBody, METHOD_DESCRIPTOR | NO_NEW;
    MODULE "module" OBJECT ModuleBody, BASETYPE | WEAKREFABLE;
    TRACEBACK "traceback" OBJECT TracebackBody, 0;
    BASE_EXCEPTION "BaseException" OBJECT ExceptionBody, BASETYPE | HAS_DICT;
    EXCEPTION "Exception" BASE_EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    TYPE_ERROR "TypeError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    STOP_ASYNC_ITERATION "StopAsyncIteration" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    STOP_ITERATION "StopIteration" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    GENERATOR_EXIT "GeneratorExit" BASE_EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    SYSTEM_EXIT "SystemExit" BASE_EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    KEYBOARD_INTERRUPT "KeyboardInterrupt" BASE_EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    IMPORT_ERROR "ImportError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    MODULE_NOT_FOUND_ERROR "ModuleNotFoundError" IMPORT_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    OS_ERROR "OSError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    BLOCKING_IO_ERROR "BlockingIOError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    CONNECTION_ERROR "ConnectionError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    CHILD_PROCESS_ERROR "ChildProcessError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    BROKEN_PIPE_ERROR "BrokenPipeError" CONNECTION_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    CONNECTION_ABORTED_ERROR "ConnectionAbortedError" CONNECTION_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    CONNECTION_REFUSED_ERROR "ConnectionRefusedError" CONNECTION_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    CONNECTION_RESET_ERROR "ConnectionResetError" CONNECTION_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    FILE_EXISTS_ERROR "FileExistsError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    FILE_NOT_FOUND_ERROR "FileNotFoundError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    IS_A_DIRECTORY_ERROR "IsADirectoryError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    NOT_A_DIRECTORY_ERROR "NotADirectoryError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    INTERRUPTED_ERROR "InterruptedError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    PERMISSION_ERROR "PermissionError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    PROCESS_LOOKUP_ERROR "ProcessLookupError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    TIMEOUT_ERROR "TimeoutError" OS_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    EOF_ERROR "EOFError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    RUNTIME_ERROR "RuntimeError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    RECURSION_ERROR "RecursionError" RUNTIME_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    NOT_IMPLEMENTED_ERROR "NotImplementedError" RUNTIME_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    PYTHON_FINALIZATION_ERROR "PythonFinalizationError" RUNTIME_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    NAME_ERROR "NameError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    UNBOUND_LOCAL_ERROR "UnboundLocalError" NAME_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    ATTRIBUTE_ERROR "AttributeError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    SYNTAX_ERROR "SyntaxError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    INCOMPLETE_INPUT_ERROR "_IncompleteInputError" SYNTAX_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    INDENTATION_ERROR "IndentationError" SYNTAX_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    TAB_ERROR "TabError" INDENTATION_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    LOOKUP_ERROR "LookupError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    INDEX_ERROR "IndexError" LOOKUP_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    KEY_ERROR "KeyError" LOOKUP_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    VALUE_ERROR "ValueError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    UNICODE_ERROR "UnicodeError" VALUE_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    UNICODE_ENCODE_ERROR "UnicodeEncodeError" UNICODE_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    UNICODE_DECODE_ERROR "UnicodeDecodeError" UNICODE_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    UNICODE_TRANSLATE_ERROR "UnicodeTranslateError" UNICODE_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    ASSERTION_ERROR "AssertionError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    ARITHMETIC_ERROR "ArithmeticError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    FLOATING_POINT_ERROR "FloatingPointError" ARITHMETIC_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    OVERFLOW_ERROR "OverflowError" ARITHMETIC_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    ZERO_DIVISION_ERROR "ZeroDivisionError" ARITHMETIC_ERROR ExceptionBody, BASETYPE | HAS_DICT;
    SYSTEM_ERROR "SystemError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    REFERENCE_ERROR "ReferenceError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    MEMORY_ERROR "MemoryError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    BUFFER_ERROR "BufferError" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    WARNING "Warning" EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    USER_WARNING "UserWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    ENCODING_WARNING "EncodingWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    DEPRECATION_WARNING "DeprecationWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    PENDING_DEPRECATION_WARNING "PendingDeprecationWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    SYNTAX_WARNING "SyntaxWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    RUNTIME_WARNING "RuntimeWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    FUTURE_WARNING "FutureWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    IMPORT_WARNING "ImportWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    UNICODE_WARNING "UnicodeWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    BYTES_WARNING "BytesWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    RESOURCE_WARNING "ResourceWarning" WARNING ExceptionBody, BASETYPE | HAS_DICT;
    BASE_EXCEPTION_GROUP "BaseExceptionGroup" BASE_EXCEPTION ExceptionBody, BASETYPE | HAS_DICT;
    EXCEPTION_GROUP "ExceptionGroup" BASE_EXCEPTION_GROUP ExceptionBody, BASETYPE | HAS_DICT;
}

macro_rules! singletons {
    ($($f:ident $id:ident $ty:ident $body_ty:ty, $body:expr;)*) => {$(
        static $id: Object<$body_ty> =
            Object { header: Header::immortal(&raw const $ty as *const skein_gc::Class), body: $body };

        #[inline(always)]
        pub fn $f() -> Ref {
            // SAFETY: a static object, never counted.
            unsafe { Ref::from_value(Value(&raw const $id as u64 | skein_gc::value::UNCOUNTED)) }
        }
    )*};
}

singletons! {
    none NONE NONE_TYPE (), ();
    true_ TRUE BOOL BoolBody, BoolBody(true);
    false_ FALSE BOOL BoolBody, BoolBody(false);
    ellipsis ELLIPSIS ELLIPSIS_TYPE (), ();
    not_implemented NOT_IMPLEMENTED NOT_IMPLEMENTED_TYPE (), ();
    // Stands in the register of a `**kwargs` parameter for a dict that nobody has asked for yet; never seen anywhere else.
    no_keywords NO_KEYWORDS DICT DictBody, DictBody(skein_collections::Dict::new());
}

pub fn empty_str() -> Ref {
    static EMPTY: OnceLock<Ref> = OnceLock::new();
    EMPTY.get_or_init(crate::layouts::str::make_empty).clone()
}

pub fn empty_tuple() -> Ref {
    static EMPTY: OnceLock<Ref> = OnceLock::new();
    EMPTY.get_or_init(crate::layouts::tuple::make_empty).clone()
}

pub fn empty_bytes() -> Ref {
    static EMPTY: OnceLock<Ref> = OnceLock::new();
    EMPTY
        .get_or_init(|| match crate::layouts::str::bytes(&[]) {
            Ok(r) => {
                skein_gc::publish::publish(r.value());
                r
            }
            Err(_) => std::process::abort(),
        })
        .clone()
}

#[inline(always)]
pub fn is_none(r: &Ref) -> bool {
    r.word().0 == &raw const NONE as u64 | skein_gc::value::UNCOUNTED
}
