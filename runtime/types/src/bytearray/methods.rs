//! The methods of `bytearray`, as rows.

use super::{mutate, special as own};
use crate::bytes::{case, edit, search, special, split};
use skein_object::native::Row;
use skein_object::row;

pub static METHODS: &[Row] = &[
    row!(
        "__alloc__(self, /)",
        own::alloc_,
        "B.__alloc__() -> int\n\nReturn the number of bytes actually allocated."
    ),
    row!(
        "__reduce__(self, /)",
        own::reduce,
        "Return state information for pickling."
    ),
    row!(
        "__reduce_ex__(self, proto=0, /)",
        own::reduce_ex,
        "Return state information for pickling."
    ),
    row!(
        "__sizeof__(self, /)",
        own::sizeof,
        "Returns the size of the bytearray object in memory, in bytes."
    ),
    row!(
        "append(self, item, /)",
        mutate::append,
        "Append a single item to the end of the bytearray.\n\n  item\n    The item to be appended."
    ),
    row!(
        "capitalize(self, /)",
        case::capitalize,
        "B.capitalize() -> copy of B\n\nReturn a copy of B with only its first character capitalized (ASCII)\nand the rest lower-cased."
    ),
    row!(
        "center(self, width, fillchar=b' ', /)",
        edit::center,
        "Return a centered string of length width.\n\nPadding is done using the specified fill character."
    ),
    row!("clear(self, /)", mutate::clear, "Remove all items from the bytearray."),
    row!("copy(self, /)", mutate::copy, "Return a copy of B."),
    row!(
        "count(self, sub, start=None, end=None, /)",
        search::count,
        "Return the number of non-overlapping occurrences of subsection 'sub' in bytes B[start:end].\n\n  start\n    Optional start position. Default: start of the bytes.\n  end\n    Optional stop position. Default: end of the bytes."
    ),
    row!(
        "decode(self, /, encoding='utf-8', errors='strict')",
        special::decode,
        "Decode the bytearray using the codec registered for encoding.\n\n  encoding\n    The encoding with which to decode the bytearray.\n  errors\n    The error handling scheme to use for the handling of decoding\n    errors.  The default is 'strict' meaning that decoding errors\n    raise a UnicodeDecodeError.  Other possible values are 'ignore'\n    and 'replace' as well as any other name registered with\n    codecs.register_error that can handle UnicodeDecodeErrors."
    ),
    row!(
        "endswith(self, suffix, start=None, end=None, /)",
        search::endswith,
        "Return True if the bytearray ends with the specified suffix, False otherwise.\n\n  suffix\n    A bytes or a tuple of bytes to try.\n  start\n    Optional start position. Default: start of the bytearray.\n  end\n    Optional stop position. Default: end of the bytearray."
    ),
    row!(
        "expandtabs(self, /, tabsize=8)",
        edit::expandtabs,
        "Return a copy where all tab characters are expanded using spaces.\n\nIf tabsize is not given, a tab size of 8 characters is assumed."
    ),
    row!(
        "extend(self, iterable_of_ints, /)",
        mutate::extend,
        "Append all the items from the iterator or sequence to the end of the bytearray.\n\n  iterable_of_ints\n    The iterable of items to append."
    ),
    row!(
        "find(self, sub, start=None, end=None, /)",
        search::find,
        "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\n  start\n    Optional start position. Default: start of the bytes.\n  end\n    Optional stop position. Default: end of the bytes.\n\nReturn -1 on failure."
    ),
    row!(class "fromhex(cls, string, /)", own::fromhex, "Create a bytearray object from a string of hexadecimal numbers.\n\nSpaces between two numbers are accepted.\nExample:\n    bytearray.fromhex('B9 01EF') -> bytearray(b'\\\\xb9\\\\x01\\\\xef')"),
    row!(
        "hex(self, /, sep=<unrepresentable>, bytes_per_sep=1)",
        special::hex,
        "Create a string of hexadecimal numbers from a bytearray object.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from\n    the right, negative values count from the left.\n\nExample:\n>>> value = bytearray([0xb9, 0x01, 0xef])\n>>> value.hex()\n'b901ef'\n>>> value.hex(':')\n'b9:01:ef'\n>>> value.hex(':', 2)\n'b9:01ef'\n>>> value.hex(':', -2)\n'b901:ef'"
    ),
    row!(
        "index(self, sub, start=None, end=None, /)",
        search::index,
        "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\n  start\n    Optional start position. Default: start of the bytes.\n  end\n    Optional stop position. Default: end of the bytes.\n\nRaise ValueError if the subsection is not found."
    ),
    row!(
        "insert(self, index, item, /)",
        mutate::insert,
        "Insert a single item into the bytearray before the given index.\n\n  index\n    The index where the value is to be inserted.\n  item\n    The item to be inserted."
    ),
    row!(
        "isalnum(self, /)",
        case::isalnum,
        "B.isalnum() -> bool\n\nReturn True if all characters in B are alphanumeric\nand there is at least one character in B, False otherwise."
    ),
    row!(
        "isalpha(self, /)",
        case::isalpha,
        "B.isalpha() -> bool\n\nReturn True if all characters in B are alphabetic\nand there is at least one character in B, False otherwise."
    ),
    row!(
        "isascii(self, /)",
        case::isascii,
        "B.isascii() -> bool\n\nReturn True if B is empty or all characters in B are ASCII,\nFalse otherwise."
    ),
    row!(
        "isdigit(self, /)",
        case::isdigit,
        "B.isdigit() -> bool\n\nReturn True if all characters in B are digits\nand there is at least one character in B, False otherwise."
    ),
    row!(
        "islower(self, /)",
        case::islower,
        "B.islower() -> bool\n\nReturn True if all cased characters in B are lowercase and there is\nat least one cased character in B, False otherwise."
    ),
    row!(
        "isspace(self, /)",
        case::isspace,
        "B.isspace() -> bool\n\nReturn True if all characters in B are whitespace\nand there is at least one character in B, False otherwise."
    ),
    row!(
        "istitle(self, /)",
        case::istitle,
        "B.istitle() -> bool\n\nReturn True if B is a titlecased string and there is at least one\ncharacter in B, i.e. uppercase characters may only follow uncased\ncharacters and lowercase characters only cased ones. Return False\notherwise."
    ),
    row!(
        "isupper(self, /)",
        case::isupper,
        "B.isupper() -> bool\n\nReturn True if all cased characters in B are uppercase and there is\nat least one cased character in B, False otherwise."
    ),
    row!(
        "join(self, iterable_of_bytes, /)",
        edit::join,
        "Concatenate any number of bytes/bytearray objects.\n\nThe bytearray whose method is called is inserted in between each\npair.\n\nThe result is returned as a new bytearray object."
    ),
    row!(
        "ljust(self, width, fillchar=b' ', /)",
        edit::ljust,
        "Return a left-justified string of length width.\n\nPadding is done using the specified fill character."
    ),
    row!(
        "lower(self, /)",
        case::lower,
        "B.lower() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to lowercase."
    ),
    row!(
        "lstrip(self, bytes=None, /)",
        edit::lstrip,
        "Strip leading bytes contained in the argument.\n\nIf the argument is omitted or None, strip leading ASCII whitespace."
    ),
    row!(static "maketrans(frm, to, /)", edit::maketrans, "Return a translation table usable for the bytes or bytearray translate method.\n\nThe returned table will be one where each byte in frm is mapped to\nthe byte at the same position in to.\n\nThe bytes objects frm and to must be of the same length."),
    row!(
        "partition(self, sep, /)",
        split::partition,
        "Partition the bytearray into three parts using the given separator.\n\nThis will search for the separator sep in the bytearray.  If the\nseparator is found, returns a 3-tuple containing the part before the\nseparator, the separator itself, and the part after it as new\nbytearray objects.\n\nIf the separator is not found, returns a 3-tuple containing the copy\nof the original bytearray object and two empty bytearray objects."
    ),
    row!(
        "pop(self, index=-1, /)",
        mutate::pop,
        "Remove and return a single item from B.\n\n  index\n    The index from where to remove the item.\n    -1 (the default value) means remove the last item.\n\nIf no index argument is given, will pop the last item."
    ),
    row!(
        "remove(self, value, /)",
        mutate::remove,
        "Remove the first occurrence of a value in the bytearray.\n\n  value\n    The value to remove."
    ),
    row!(
        "replace(self, old, new, count=-1, /)",
        edit::replace,
        "Return a copy with all occurrences of substring old replaced by new.\n\n  count\n    Maximum number of occurrences to replace.\n    -1 (the default value) means replace all occurrences.\n\nIf the optional argument count is given, only the first count occurrences are\nreplaced."
    ),
    row!(
        "removeprefix(self, prefix, /)",
        search::removeprefix,
        "Return a bytearray with the given prefix string removed if present.\n\nIf the bytearray starts with the prefix string, return\nbytearray[len(prefix):].  Otherwise, return a copy of the original\nbytearray."
    ),
    row!(
        "removesuffix(self, suffix, /)",
        search::removesuffix,
        "Return a bytearray with the given suffix string removed if present.\n\nIf the bytearray ends with the suffix string and that suffix is not\nempty, return bytearray[:-len(suffix)].  Otherwise, return a copy of\nthe original bytearray."
    ),
    row!(
        "resize(self, size, /)",
        mutate::resize,
        "Resize the internal buffer of bytearray to len.\n\n  size\n    New size to resize to."
    ),
    row!(
        "reverse(self, /)",
        mutate::reverse,
        "Reverse the order of the values in B in place."
    ),
    row!(
        "rfind(self, sub, start=None, end=None, /)",
        search::rfind,
        "Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\n  start\n    Optional start position. Default: start of the bytes.\n  end\n    Optional stop position. Default: end of the bytes.\n\nReturn -1 on failure."
    ),
    row!(
        "rindex(self, sub, start=None, end=None, /)",
        search::rindex,
        "Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start:end].\n\n  start\n    Optional start position. Default: start of the bytes.\n  end\n    Optional stop position. Default: end of the bytes.\n\nRaise ValueError if the subsection is not found."
    ),
    row!(
        "rjust(self, width, fillchar=b' ', /)",
        edit::rjust,
        "Return a right-justified string of length width.\n\nPadding is done using the specified fill character."
    ),
    row!(
        "rpartition(self, sep, /)",
        split::rpartition,
        "Partition the bytearray into three parts using the given separator.\n\nThis will search for the separator sep in the bytearray, starting at\nthe end.  If the separator is found, returns a 3-tuple containing\nthe part before the separator, the separator itself, and the part\nafter it as new bytearray objects.\n\nIf the separator is not found, returns a 3-tuple containing two\nempty bytearray objects and the copy of the original bytearray\nobject."
    ),
    row!(
        "rsplit(self, /, sep=None, maxsplit=-1)",
        split::rsplit,
        "Return a list of the sections in the bytearray, using sep as the delimiter.\n\n  sep\n    The delimiter according which to split the bytearray.\n    None (the default value) means split on ASCII whitespace\n    characters (space, tab, return, newline, formfeed, vertical tab).\n  maxsplit\n    Maximum number of splits to do.\n    -1 (the default value) means no limit.\n\nSplitting is done starting at the end of the bytearray and working\nto the front."
    ),
    row!(
        "rstrip(self, bytes=None, /)",
        edit::rstrip,
        "Strip trailing bytes contained in the argument.\n\nIf the argument is omitted or None, strip trailing ASCII whitespace."
    ),
    row!(
        "split(self, /, sep=None, maxsplit=-1)",
        split::split,
        "Return a list of the sections in the bytearray, using sep as the delimiter.\n\n  sep\n    The delimiter according which to split the bytearray.\n    None (the default value) means split on ASCII whitespace\n    characters (space, tab, return, newline, formfeed, vertical tab).\n  maxsplit\n    Maximum number of splits to do.\n    -1 (the default value) means no limit."
    ),
    row!(
        "splitlines(self, /, keepends=False)",
        split::splitlines,
        "Return a list of the lines in the bytearray, breaking at line boundaries.\n\nLine breaks are not included in the resulting list unless keepends\nis given and true."
    ),
    row!(
        "startswith(self, prefix, start=None, end=None, /)",
        search::startswith,
        "Return True if the bytearray starts with the specified prefix, False otherwise.\n\n  prefix\n    A bytes or a tuple of bytes to try.\n  start\n    Optional start position. Default: start of the bytearray.\n  end\n    Optional stop position. Default: end of the bytearray."
    ),
    row!(
        "strip(self, bytes=None, /)",
        edit::strip,
        "Strip leading and trailing bytes contained in the argument.\n\nIf the argument is omitted or None, strip leading and trailing ASCII\nwhitespace."
    ),
    row!(
        "swapcase(self, /)",
        case::swapcase,
        "B.swapcase() -> copy of B\n\nReturn a copy of B with uppercase ASCII characters converted\nto lowercase ASCII and vice versa."
    ),
    row!(
        "title(self, /)",
        case::title,
        "B.title() -> copy of B\n\nReturn a titlecased version of B, i.e. ASCII words start with\nuppercase characters, all remaining cased characters have lowercase."
    ),
    row!(
        "translate(self, table, /, delete=b'')",
        edit::translate,
        "Return a copy with each character mapped by the given translation table.\n\n  table\n    Translation table, which must be a bytes object of length 256.\n\nAll characters occurring in the optional argument delete are\nremoved.  The remaining characters are mapped through the given\ntranslation table."
    ),
    row!(
        "upper(self, /)",
        case::upper,
        "B.upper() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to uppercase."
    ),
    row!(
        "zfill(self, width, /)",
        edit::zfill,
        "Pad a numeric string with zeros on the left, to fill a field of the given width.\n\nThe original string is never truncated."
    ),
    row!(
        "__buffer__(self, flags, /)",
        special::buffer,
        "Return a buffer object that exposes the underlying memory of the object."
    ),
    row!(
        "__release_buffer__(self, buffer, /)",
        own::release_buffer,
        "Release the buffer object that exposes the underlying memory of the object."
    ),
];
