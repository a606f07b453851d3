//! The methods of `str`, as rows.

use super::{case, classify, edit, search, special, split, template, translate};
use skein_object::native::Row;
use skein_object::row;

pub static METHODS: &[Row] = &[
    row!(
        "encode(self, /, encoding='utf-8', errors='strict')",
        special::encode,
        "Encode the string using the codec registered for encoding.\n\n  encoding\n    The encoding in which to encode the string.\n  errors\n    The error handling scheme to use for encoding errors.\n    The default is 'strict' meaning that encoding errors raise a\n    UnicodeEncodeError.  Other possible values are 'ignore', 'replace'\n    and 'xmlcharrefreplace' as well as any other name registered with\n    codecs.register_error that can handle UnicodeEncodeErrors."
    ),
    row!(
        "replace(self, old, new, /, count=-1)",
        edit::replace,
        "Return a copy with all occurrences of substring old replaced by new.\n\n  count\n    Maximum number of occurrences to replace.\n    -1 (the default value) means replace all occurrences.\n\nIf the optional argument count is given, only the first count occurrences are\nreplaced."
    ),
    row!(
        "split(self, /, sep=None, maxsplit=-1)",
        split::split,
        "Return a list of the substrings in the string, using sep as the separator string.\n\n  sep\n    The separator used to split the string.\n\n    When set to None (the default value), will split on any\n    whitespace character (including \\n \\r \\t \\f and spaces) and\n    will discard empty strings from the result.\n  maxsplit\n    Maximum number of splits.\n    -1 (the default value) means no limit.\n\nSplitting starts at the front of the string and works to the end.\n\nNote, str.split() is mainly useful for data that has been\nintentionally delimited.  With natural text that includes\npunctuation, consider using the regular expression module."
    ),
    row!(
        "rsplit(self, /, sep=None, maxsplit=-1)",
        split::rsplit,
        "Return a list of the substrings in the string, using sep as the separator string.\n\n  sep\n    The separator used to split the string.\n\n    When set to None (the default value), will split on any\n    whitespace character (including \\n \\r \\t \\f and spaces) and\n    will discard empty strings from the result.\n  maxsplit\n    Maximum number of splits.\n    -1 (the default value) means no limit.\n\nSplitting starts at the end of the string and works to the front."
    ),
    row!(
        "join(self, iterable, /)",
        edit::join,
        "Concatenate any number of strings.\n\nThe string whose method is called is inserted in between each given\nstring.  The result is returned as a new string.\n\nExample: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'"
    ),
    row!(
        "capitalize(self, /)",
        case::capitalize,
        "Return a capitalized version of the string.\n\nMore specifically, make the first character have upper case and the\nrest lower case."
    ),
    row!(
        "casefold(self, /)",
        case::casefold,
        "Return a version of the string suitable for caseless comparisons."
    ),
    row!(
        "title(self, /)",
        case::title,
        "Return a version of the string where each word is titlecased.\n\nMore specifically, words start with uppercased characters and all\nremaining cased characters have lower case."
    ),
    row!(
        "center(self, width, fillchar=' ', /)",
        edit::center,
        "Return a centered string of length width.\n\nPadding is done using the specified fill character (default is\na space)."
    ),
    row!(
        "count(self, sub, start=None, end=None, /)",
        search::count,
        "Return the number of non-overlapping occurrences of substring sub in string S[start:end].\n\nOptional arguments start and end are interpreted as in slice\nnotation."
    ),
    row!(
        "expandtabs(self, /, tabsize=8)",
        edit::expandtabs,
        "Return a copy where all tab characters are expanded using spaces.\n\nIf tabsize is not given, a tab size of 8 characters is assumed."
    ),
    row!(
        "find(self, sub, start=None, end=None, /)",
        search::find,
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice\nnotation.  Return -1 on failure."
    ),
    row!(
        "partition(self, sep, /)",
        split::partition,
        "Partition the string into three parts using the given separator.\n\nThis will search for the separator in the string.  If the separator\nis found, returns a 3-tuple containing the part before the\nseparator, the separator itself, and the part after it.\n\nIf the separator is not found, returns a 3-tuple containing\nthe original string and two empty strings."
    ),
    row!(
        "index(self, sub, start=None, end=None, /)",
        search::index,
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice\nnotation.  Raises ValueError when the substring is not found."
    ),
    row!(
        "ljust(self, width, fillchar=' ', /)",
        edit::ljust,
        "Return a left-justified string of length width.\n\nPadding is done using the specified fill character (default is\na space)."
    ),
    row!(
        "lower(self, /)",
        case::lower,
        "Return a copy of the string converted to lowercase."
    ),
    row!(
        "lstrip(self, chars=None, /)",
        edit::lstrip,
        "Return a copy of the string with leading whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ),
    row!(
        "rfind(self, sub, start=None, end=None, /)",
        search::rfind,
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice\nnotation.  Return -1 on failure."
    ),
    row!(
        "rindex(self, sub, start=None, end=None, /)",
        search::rindex,
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice\nnotation.  Raises ValueError when the substring is not found."
    ),
    row!(
        "rjust(self, width, fillchar=' ', /)",
        edit::rjust,
        "Return a right-justified string of length width.\n\nPadding is done using the specified fill character (default is\na space)."
    ),
    row!(
        "rstrip(self, chars=None, /)",
        edit::rstrip,
        "Return a copy of the string with trailing whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ),
    row!(
        "rpartition(self, sep, /)",
        split::rpartition,
        "Partition the string into three parts using the given separator.\n\nThis will search for the separator in the string, starting at the\nend.  If the separator is found, returns a 3-tuple containing the\npart before the separator, the separator itself, and the part after\nit.\n\nIf the separator is not found, returns a 3-tuple containing two\nempty strings and the original string."
    ),
    row!(
        "splitlines(self, /, keepends=False)",
        split::splitlines,
        "Return a list of the lines in the string, breaking at line boundaries.\n\nLine breaks are not included in the resulting list unless keepends\nis given and true."
    ),
    row!(
        "strip(self, chars=None, /)",
        edit::strip,
        "Return a copy of the string with leading and trailing whitespace removed.\n\nIf chars is given and not None, remove characters in chars instead."
    ),
    row!(
        "swapcase(self, /)",
        case::swapcase,
        "Convert uppercase characters to lowercase and lowercase characters to uppercase."
    ),
    row!(
        "translate(self, table, /)",
        translate::translate,
        "Replace each character in the string using the given translation table.\n\n  table\n    Translation table, which must be a mapping of Unicode ordinals\n    to Unicode ordinals, strings, or None.\n\nThe table must implement lookup/indexing via __getitem__, for\ninstance a dictionary or list.  If this operation raises\nLookupError, the character is left untouched.  Characters mapped to\nNone are deleted."
    ),
    row!(
        "upper(self, /)",
        case::upper,
        "Return a copy of the string converted to uppercase."
    ),
    row!(
        "startswith(self, prefix, start=None, end=None, /)",
        search::startswith,
        "Return True if the string starts with the specified prefix, False otherwise.\n\n  prefix\n    A string or a tuple of strings to try.\n  start\n    Optional start position. Default: start of the string.\n  end\n    Optional stop position. Default: end of the string."
    ),
    row!(
        "endswith(self, suffix, start=None, end=None, /)",
        search::endswith,
        "Return True if the string ends with the specified suffix, False otherwise.\n\n  suffix\n    A string or a tuple of strings to try.\n  start\n    Optional start position. Default: start of the string.\n  end\n    Optional stop position. Default: end of the string."
    ),
    row!(
        "removeprefix(self, prefix, /)",
        search::removeprefix,
        "Return a str with the given prefix string removed if present.\n\nIf the string starts with the prefix string, return\nstring[len(prefix):].  Otherwise, return a copy of the original\nstring."
    ),
    row!(
        "removesuffix(self, suffix, /)",
        search::removesuffix,
        "Return a str with the given suffix string removed if present.\n\nIf the string ends with the suffix string and that suffix is not\nempty, return string[:-len(suffix)].  Otherwise, return a copy of\nthe original string."
    ),
    row!(
        "isascii(self, /)",
        classify::isascii,
        "Return True if all characters in the string are ASCII, False otherwise.\n\nASCII characters have code points in the range U+0000-U+007F.\nEmpty string is ASCII too."
    ),
    row!(
        "islower(self, /)",
        classify::islower,
        "Return True if the string is a lowercase string, False otherwise.\n\nA string is lowercase if all cased characters in the string are\nlowercase and there is at least one cased character in the string."
    ),
    row!(
        "isupper(self, /)",
        classify::isupper,
        "Return True if the string is an uppercase string, False otherwise.\n\nA string is uppercase if all cased characters in the string are\nuppercase and there is at least one cased character in the string."
    ),
    row!(
        "istitle(self, /)",
        classify::istitle,
        "Return True if the string is a title-cased string, False otherwise.\n\nIn a title-cased string, upper- and title-case characters may only\nfollow uncased characters and lowercase characters only cased ones."
    ),
    row!(
        "isspace(self, /)",
        classify::isspace,
        "Return True if the string is a whitespace string, False otherwise.\n\nA string is whitespace if all characters in the string are\nwhitespace and there is at least one character in the string."
    ),
    row!(
        "isdecimal(self, /)",
        classify::isdecimal,
        "Return True if the string is a decimal string, False otherwise.\n\nA string is a decimal string if all characters in the string are\ndecimal and there is at least one character in the string."
    ),
    row!(
        "isdigit(self, /)",
        classify::isdigit,
        "Return True if the string is a digit string, False otherwise.\n\nA string is a digit string if all characters in the string are\ndigits and there is at least one character in the string."
    ),
    row!(
        "isnumeric(self, /)",
        classify::isnumeric,
        "Return True if the string is a numeric string, False otherwise.\n\nA string is numeric if all characters in the string are numeric and\nthere is at least one character in the string."
    ),
    row!(
        "isalpha(self, /)",
        classify::isalpha,
        "Return True if the string is an alphabetic string, False otherwise.\n\nA string is alphabetic if all characters in the string are\nalphabetic and there is at least one character in the string."
    ),
    row!(
        "isalnum(self, /)",
        classify::isalnum,
        "Return True if the string is an alpha-numeric string, False otherwise.\n\nA string is alpha-numeric if all characters in the string are\nalpha-numeric and there is at least one character in the string."
    ),
    row!(
        "isidentifier(self, /)",
        classify::isidentifier,
        "Return True if the string is a valid Python identifier, False otherwise.\n\nCall keyword.iskeyword(s) to test whether string s is a reserved\nidentifier, such as \"def\" or \"class\"."
    ),
    row!(
        "isprintable(self, /)",
        classify::isprintable,
        "Return True if all characters in the string are printable, False otherwise.\n\nA character is printable if repr() may use it in its output."
    ),
    row!(
        "zfill(self, width, /)",
        edit::zfill,
        "Pad a numeric string with zeros on the left, to fill a field of the given width.\n\nThe string is never truncated."
    ),
    row!(
        "format(self, /, *args, **kwargs)",
        template::format,
        "Return a formatted version of the string, using substitutions from args and kwargs.\nThe substitutions are identified by braces ('{' and '}')."
    )
    .quick(template::format_positional),
    row!(
        "format_map(self, mapping, /)",
        template::format_map,
        "Return a formatted version of the string, using substitutions from mapping.\nThe substitutions are identified by braces ('{' and '}')."
    ),
    row!(
        "__format__(self, format_spec, /)",
        special::format_,
        "Return a formatted version of the string as described by format_spec."
    ),
    row!(static "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)", translate::maketrans, "Return a translation table usable for str.translate().\n\nIf there is only one argument, it must be a dictionary mapping\nUnicode ordinals (integers) or characters to Unicode ordinals,\nstrings or None.  Character keys will be then converted to ordinals.\nIf there are two arguments, they must be strings of equal length,\nand in the resulting dictionary, each character in x will be mapped\nto the character at the same position in y.  If there is a third\nargument, it must be a string, whose characters will be mapped to\nNone in the result."),
    row!(
        "__sizeof__(self, /)",
        special::sizeof,
        "Return the size of the string in memory, in bytes."
    ),
    row!("__getnewargs__(self, /)", special::getnewargs, ""),
];
