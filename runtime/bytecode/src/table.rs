//! The one table of opcodes.
//!
//! A row is `Name (operands) extra "doc";`. Operands are given in the order a, b, c; each is `role` or `-`. `bx` stands for
//! the 32-bit operand that takes the place of b and c. `extra` is the second word: `none`, `cache` (one inline cache word),
//! `label` (a jump target: index of an instruction word) or `pair` (two 32-bit numbers, low and high half).
//!
//! To add an opcode add a row: the enum, the metadata, the encoder's checks, the verifier and the listing follow from it,
//! and the interpreter's dispatch names the missing handler.

/// Calls `$m!` with every row of the table.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
            // ---- moves and constants
            Nop(-, -, -) none "Does nothing.";
            Move(Dst, Src, -) none "r[a] := r[b]; a temporary is moved, a local is copied.";
            Copy(Dst, Keep, -) none "r[a] := r[b], which keeps its value even if it is a temporary.";
            Kill(Mut, -, -) none "Drops r[a]; it becomes null. For temporaries and for locals that may be unbound.";
            KillRange(Mut, Imm, -) none "Drops the b registers that begin at r[a].";
            LoadConst(Dst, Const32) none "r[a] := constant bx.";
            LoadInt(Dst, Imm32) none "r[a] := the small int bx (signed).";
            LoadNone(Dst, -, -) none "r[a] := None.";
            LoadTrue(Dst, -, -) none "r[a] := True.";
            LoadFalse(Dst, -, -) none "r[a] := False.";
            // ---- names
            CheckBound(Keep, -, -) none "UnboundLocalError (or NameError for a free variable) if r[a] is null. The name is found by register.";
            OwnKeywords(Keep, -, -) none "If r[a] is the empty dict that stands for no keywords, r[a] := a new dict. Before the first use of a **kwargs parameter.";
            DelLocal(Mut, -, -) none "del of a plain local: CheckBound, then drop.";
            LoadGlobal(Dst, Name32) cache "r[a] := global or builtin of that name, or NameError.";
            StoreGlobal(Src, Name32) cache "Global of that name := r[a].";
            DelGlobal(-, Name32) none "Deletes the global, or NameError.";
            LoadName(Dst, Name32) cache "r[a] := the name in the frame's namespace, else global, else builtin.";
            StoreName(Src, Name32) cache "The frame's namespace[name] := r[a].";
            DelName(-, Name32) none "Deletes from the frame's namespace, or NameError.";
            MakeCell(Mut, -, -) none "r[a] := a new cell that holds the old r[a] (or is empty).";
            CopyFree(Mut, Imm, -) none "Copies the b cells of the function's closure to the registers from r[a] on.";
            LoadDeref(Dst, Keep, -) none "r[a] := contents of the cell r[b], or UnboundLocalError/NameError.";
            StoreDeref(Src, Keep, -) none "Contents of the cell r[b] := r[a].";
            DelDeref(Keep, -, -) none "Empties the cell r[a], or UnboundLocalError/NameError.";
            LoadClassDeref(Dst, Src, Keep) none "r[a] := mapping r[b][name of the cell], else contents of the cell r[c]. (LOAD_FROM_DICT_OR_DEREF)";
            LoadDictOrGlobal(Dst, Src, Name) none "r[a] := mapping r[b][name c], else global, else builtin. (LOAD_FROM_DICT_OR_GLOBALS)";
            LoadLocals(Dst, -, -) none "r[a] := the frame's namespace mapping (class bodies and modules).";
            LoadBuildClass(Dst, -, -) none "r[a] := builtins.__build_class__.";
            LoadAssertionError(Dst, -, -) none "r[a] := the AssertionError class, whatever the name is bound to.";
            // ---- attributes
            LoadAttr(Dst, Src, Name) cache "r[a] := r[b].name";
            StoreAttr(Src, Src, Name) cache "r[a].name := r[b]";
            DelAttr(Src, -, Name) none "del r[a].name";
            LoadMethod(Win, Src, Name) cache "Writes r[a] := callable, r[a+1] := self, or null where no self is to be passed.";
            LoadSuperAttr(Dst, Win, Name) cache "r[b] = the global `super`, r[b+1] = class, r[b+2] = self (all consumed): r[a] := super(class, self).name";
            LoadSuperMethod(Win, -, Name) cache "Like LoadSuperAttr in place: r[a], r[a+1] := callable, self or null; r[a+2] consumed.";
            LoadSpecial(Win, Src, Imm) none "Special method c (0 __enter__, 1 __exit__, 2 __aenter__, 3 __aexit__) looked up on the type of r[b]: r[a], r[a+1] := callable, self or null. TypeError as CPython if it is missing.";
            // ---- subscription
            LoadSubscr(Dst, Src, Src) cache "r[a] := r[b][r[c]]";
            LoadSubscrI(Dst, Src, Imm) none "r[a] := r[b][c], c a signed 16-bit int.";
            StoreSubscr(Src, Src, Src) cache "r[a][r[b]] := r[c]";
            DelSubscr(Src, Src, -) none "del r[a][r[b]]";
            BuildSlice(Dst, Win, Imm) none "r[a] := slice of the c (2 or 3) registers from r[b] on.";
            LoadSlice(Dst, Src, Win) none "r[a] := r[b][r[c]:r[c+1]]";
            StoreSlice(Src, Src, Win) none "r[a][r[c]:r[c+1]] := r[b]";
            // ---- arithmetic
            Add(Dst, Src, Src) none "r[a] := r[b] + r[c]";
            Sub(Dst, Src, Src) none "r[a] := r[b] - r[c]";
            Mul(Dst, Src, Src) none "r[a] := r[b] * r[c]";
            TrueDiv(Dst, Src, Src) none "r[a] := r[b] / r[c]";
            FloorDiv(Dst, Src, Src) none "r[a] := r[b] // r[c]";
            Mod(Dst, Src, Src) none "r[a] := r[b] % r[c]";
            Pow(Dst, Src, Src) none "r[a] := r[b] ** r[c]";
            LShift(Dst, Src, Src) none "r[a] := r[b] << r[c]";
            RShift(Dst, Src, Src) none "r[a] := r[b] >> r[c]";
            And(Dst, Src, Src) none "r[a] := r[b] & r[c]";
            Or(Dst, Src, Src) none "r[a] := r[b] | r[c]";
            Xor(Dst, Src, Src) none "r[a] := r[b] ^ r[c]";
            MatMul(Dst, Src, Src) none "r[a] := r[b] @ r[c]";
            IAdd(Dst, Src, Src) none "r[a] := r[b] += r[c]";
            ISub(Dst, Src, Src) none "r[a] := r[b] -= r[c]";
            IMul(Dst, Src, Src) none "r[a] := r[b] *= r[c]";
            ITrueDiv(Dst, Src, Src) none "r[a] := r[b] /= r[c]";
            IFloorDiv(Dst, Src, Src) none "r[a] := r[b] //= r[c]";
            IMod(Dst, Src, Src) none "r[a] := r[b] %= r[c]";
            IPow(Dst, Src, Src) none "r[a] := r[b] **= r[c]";
            ILShift(Dst, Src, Src) none "r[a] := r[b] <<= r[c]";
            IRShift(Dst, Src, Src) none "r[a] := r[b] >>= r[c]";
            IAnd(Dst, Src, Src) none "r[a] := r[b] &= r[c]";
            IOr(Dst, Src, Src) none "r[a] := r[b] |= r[c]";
            IXor(Dst, Src, Src) none "r[a] := r[b] ^= r[c]";
            IMatMul(Dst, Src, Src) none "r[a] := r[b] @= r[c]";
            AddI(Dst, Src, Imm) none "r[a] := r[b] + c, c a signed 16-bit int. Also emitted for +=.";
            SubI(Dst, Src, Imm) none "r[a] := r[b] - c";
            MulI(Dst, Src, Imm) none "r[a] := r[b] * c";
            FloorDivI(Dst, Src, Imm) none "r[a] := r[b] // c, c not 0";
            ModI(Dst, Src, Imm) none "r[a] := r[b] % c, c not 0";
            AndI(Dst, Src, Imm) none "r[a] := r[b] & c";
            LShiftI(Dst, Src, Imm) none "r[a] := r[b] << c, c at least 0";
            RShiftI(Dst, Src, Imm) none "r[a] := r[b] >> c, c at least 0";
            IAddI(Dst, Src, Imm) none "r[a] := r[b] += c";
            ISubI(Dst, Src, Imm) none "r[a] := r[b] -= c";
            Neg(Dst, Src, -) none "r[a] := -r[b]";
            Pos(Dst, Src, -) none "r[a] := +r[b]";
            Invert(Dst, Src, -) none "r[a] := ~r[b]";
            Not(Dst, Src, -) none "r[a] := not r[b]";
            ToBool(Dst, Src, -) none "r[a] := bool(r[b])";
            // ---- comparison
            Lt(Dst, Src, Src) none "r[a] := r[b] < r[c]";
            Le(Dst, Src, Src) none "r[a] := r[b] <= r[c]";
            Eq(Dst, Src, Src) none "r[a] := r[b] == r[c]";
            Ne(Dst, Src, Src) none "r[a] := r[b] != r[c]";
            Gt(Dst, Src, Src) none "r[a] := r[b] > r[c]";
            Ge(Dst, Src, Src) none "r[a] := r[b] >= r[c]";
            Is(Dst, Src, Src) none "r[a] := r[b] is r[c]";
            IsNot(Dst, Src, Src) none "r[a] := r[b] is not r[c]";
            In(Dst, Src, Src) none "r[a] := r[b] in r[c]";
            NotIn(Dst, Src, Src) none "r[a] := r[b] not in r[c]";
            // ---- jumps
            Jump(-, Label32) none "Goes to bx, forward.";
            JumpBack(-, Label32) none "Goes to bx, backward: the poll of a loop.";
            JumpIf(Src, Label32) none "Goes to bx if r[a] is true.";
            JumpIfNot(Src, Label32) none "Goes to bx if r[a] is false.";
            JumpIfNone(Src, Label32) none "Goes to bx if r[a] is None.";
            JumpIfNotNone(Src, Label32) none "Goes to bx if r[a] is not None.";
            JumpIfTrueOrPop(Mut, Label32) none "If r[a] is true goes to bx and keeps r[a]; else drops the temporary r[a].";
            JumpIfFalseOrPop(Mut, Label32) none "If r[a] is false goes to bx and keeps r[a]; else drops the temporary r[a].";
            JLt(Src, Src, Imm) label "Goes to the label if bool(r[a] < r[b]) equals c (0 or 1).";
            JLe(Src, Src, Imm) label "Goes to the label if bool(r[a] <= r[b]) equals c.";
            JEq(Src, Src, Imm) label "Goes to the label if bool(r[a] == r[b]) equals c.";
            JNe(Src, Src, Imm) label "Goes to the label if bool(r[a] != r[b]) equals c.";
            JGt(Src, Src, Imm) label "Goes to the label if bool(r[a] > r[b]) equals c.";
            JGe(Src, Src, Imm) label "Goes to the label if bool(r[a] >= r[b]) equals c.";
            JLtI(Src, Imm, Imm) label "Goes to the label if bool(r[a] < b) equals c; b a signed 16-bit int.";
            JLeI(Src, Imm, Imm) label "Goes to the label if bool(r[a] <= b) equals c.";
            JEqI(Src, Imm, Imm) label "Goes to the label if bool(r[a] == b) equals c.";
            JNeI(Src, Imm, Imm) label "Goes to the label if bool(r[a] != b) equals c.";
            JGtI(Src, Imm, Imm) label "Goes to the label if bool(r[a] > b) equals c.";
            JGeI(Src, Imm, Imm) label "Goes to the label if bool(r[a] >= b) equals c.";
            JIs(Src, Src, Imm) label "Goes to the label if (r[a] is r[b]) equals c.";
            JIn(Src, Src, Imm) label "Goes to the label if (r[a] in r[b]) equals c.";
            // ---- iteration and unpacking
            GetIter(Dst, Src, -) none "r[a] := iter(r[b])";
            ForIter(Dst, Keep, -) label "r[a] := next(r[b]); at the end drops the iterator r[b], and goes to the label.";
            UnpackSeq(Src, Win, Imm) none "Unpacks r[a] into exactly c registers from r[b] on.";
            UnpackEx(Src, Win, Imm) pair "Unpacks r[a] into (low) registers, a list, and (high) registers from r[b] on.";
            // ---- building
            BuildTuple(Dst, Win, Imm) none "r[a] := tuple of the c registers from r[b] on.";
            BuildList(Dst, Win, Imm) none "r[a] := list of the c registers from r[b] on.";
            BuildSet(Dst, Win, Imm) none "r[a] := set of the c registers from r[b] on.";
            BuildMap(Dst, Win, Imm) none "r[a] := dict of c pairs key, value from r[b] on.";
            BuildString(Dst, Win, Imm) none "r[a] := the c strings from r[b] on, joined.";
            ListAppend(Keep, Src, -) none "r[a].append(r[b]) of a list that no one else has seen yet.";
            ListExtend(Keep, Src, -) none "r[a].extend(r[b]); TypeError 'Value after * must be an iterable, not X'.";
            ListToTuple(Dst, Src, -) none "r[a] := tuple(list r[b])";
            SetAdd(Keep, Src, -) none "r[a].add(r[b])";
            SetUpdate(Keep, Src, -) none "r[a].update(r[b])";
            MapAdd(Keep, Src, Src) none "dict r[a][r[b]] := r[c]";
            DictUpdate(Keep, Src, -) none "dict r[a].update(r[b]) of a display; TypeError \"'X' object is not a mapping\".";
            DictMerge(Keep, Src, Keep) none "Keyword arguments: merges r[b] into dict r[a]; a repeated key is a TypeError that names the callable r[c].";
            FormatSimple(Dst, Src, -) none "r[a] := format(r[b])";
            FormatSpec(Dst, Src, Src) none "r[a] := format(r[b], r[c])";
            ConvertValue(Dst, Src, Imm) none "r[a] := str (1), repr (2) or ascii (3) of r[b].";
            BuildInterpolation(Dst, Win, Imm) none "r[a] := Interpolation(value r[b], source text r[b+1], conversion c as in ConvertValue or 0, format spec r[b+2]); r[b+2] is always given ('' where there is none).";
            BuildTemplate(Dst, Win, -) none "r[a] := Template(strings tuple r[b], interpolations tuple r[b+1]).";
            // ---- calls
            Call(Dst, Win, Imm) cache "r[a] := r[b](r[b+1] .. r[b+c]).";
            CallMethod(Dst, Win, Imm) cache "r[a] := r[b](r[b+1] unless null, r[b+2] .. r[b+1+c]): the form after LoadMethod.";
            CallKw(Dst, Win, Imm) pair "Like Call with c arguments in all, the last of them keywords named by the tuple constant (low).";
            CallMethodKw(Dst, Win, Imm) pair "Like CallMethod with c arguments in all, the last of them keywords named by the tuple constant (low).";
            CallEx(Dst, Win, Imm) none "r[a] := r[b](*r[b+1], **r[b+2]); c is 1 if there is r[b+2]. r[b+1] may be any iterable.";
            JNotBuiltin(Keep, Imm, -) label "Goes to the label unless r[a] is the builtin that b numbers; see `Builtin`.";
            Intrinsic1(Dst, Src, Imm) none "r[a] := intrinsic c of r[b]; see `Intrinsic1`.";
            Intrinsic2(Dst, Win, Imm) none "r[a] := intrinsic c of r[b] and r[b+1]; see `Intrinsic2`.";
            Return(Src, Imm, -) none "Returns r[a]; registers from b on hold nothing else.";
            ReturnNone(-, Imm, -) none "Returns None; registers from b on hold nothing.";
            // ---- functions and classes
            MakeFunction(Dst, Const32) none "r[a] := a function of the code constant bx and the frame's globals.";
            SetFuncAttr(Keep, Src, Imm) none "Attribute c of the new function r[a] := r[b]: 0 defaults tuple, 1 kwdefaults dict, 2 closure tuple of cells, 3 __annotate__ function, 4 type params tuple.";
            // ---- generators and coroutines
            MakeGenexpr(Dst, Win, Imm) pair "r[a] := the generator expression of the code constant (low), with the iterator r[b] and the c cells behind it; its code begins with ReturnGenerator, or CopyFree and ReturnGenerator, which are done.";
            ReturnGenerator(-, -, -) none "First instruction (after MakeCell and CopyFree) of a generator, coroutine or async generator: makes it from the frame and returns it.";
            Yield(Dst, Src, -) none "Yields r[b]; on resumption r[a] := the sent value.";
            GetYieldFromIter(Dst, Src, -) none "r[a] := the iterator of `yield from r[b]`.";
            GetAwaitable(Dst, Src, Imm) none "r[a] := the awaitable iterator of r[b]; c 0 for await, 1 after __aenter__, 2 after __aexit__ (for the message).";
            GetAIter(Dst, Src, -) none "r[a] := aiter(r[b])";
            GetANext(Dst, Keep, -) none "r[a] := awaitable of anext(r[b]).";
            Send(Dst, Keep, Src) label "Sends r[c] to the iterator r[b]: r[a] := what it yields; or when it returns, r[a] := its value, r[b] is dropped, and goes to the label.";
            YieldFrom(Dst, Src, Keep) label "Yields r[b] on behalf of the iterator r[c]; on resumption r[a] := the sent value. A throw() goes to r[c] first; if that returns, its value is written to r[b], r[c] dropped, and the label is next.";
            EndAsyncFor(Src, Src, -) none "If the exception r[a] is StopAsyncIteration drops it and the async iterator r[b], else re-raises it.";
            // ---- exceptions
            Raise(Imm, Src, Src) none "a 0: re-raises the handled exception; 1: raise r[b]; 2: raise r[b] from r[c].";
            Reraise(Src, -, -) none "Raises r[a] again without a new traceback entry.";
            PushExc(Dst, Keep, -) none "r[a] := the exception handled so far (or None); r[b] is the handled one from now on.";
            PopExc(Src, -, -) none "The handled exception := r[a] (or none).";
            ExcMatch(Dst, Keep, Src) none "r[a] := exception r[b] matches the class or tuple r[c].";
            JNotExcMatch(Keep, Src, -) label "Goes to the label unless exception r[a] matches the class or tuple r[b].";
            EgMatch(Win, Src, Src) none "Splits exception r[b] by type r[c]: r[a] := rest or None, r[a+1] := match or None. (CHECK_EG_MATCH)";
            PrepReraiseStar(Dst, Src, Src) none "r[a] := what `except*` has to raise for the original r[b] and the list r[c], or None.";
            WithExcept(Dst, KeepWin, Keep) none "r[a] := bool of __exit__ r[b] (self or null in r[b+1], both kept) called with type, value, traceback of r[c]. For `async with` see WithExceptAsync.";
            WithExceptAsync(Dst, KeepWin, Keep) none "Like WithExcept, but r[a] := what __aexit__ returned.";
            // ---- imports
            ImportName(Dst, Win, Name) none "r[a] := __import__(name c, globals, locals, fromlist r[b+1], level r[b]).";
            ImportFrom(Dst, Keep, Name) none "r[a] := attribute c of module r[b], or ImportError.";
            ImportStar(Src, -, -) none "from r[a] import * into the frame's namespace.";
            // ---- match statements
            MatchSequence(Dst, Keep, -) none "r[a] := r[b] is a sequence in the sense of PEP 634.";
            MatchMapping(Dst, Keep, -) none "r[a] := r[b] is a mapping in the sense of PEP 634.";
            MatchKeys(Dst, Keep, Keep) none "r[a] := tuple of the values of subject r[b] at the keys tuple r[c], or None.";
            MatchClass(Dst, Win, Imm) none "r[a] := tuple of attributes of subject r[b] for class r[b+1] with c positional patterns and the names tuple r[b+2], or None.";
            GetLen(Dst, Keep, -) none "r[a] := len(r[b])";
            SetupAnnotations(-, -, -) none "Makes __annotations__ in the frame's namespace if it is missing.";
        }
    };
}

macro_rules! make_enum {
    ($($name:ident ($($operand:tt),*) $extra:ident $doc:literal;)*) => {
        /// An opcode; the rows of [`for_each_op`] document them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Op { $(#[doc = $doc] $name,)* }

        /// All opcodes in the order of their numbers.
        pub const ALL: &[Op] = &[$(Op::$name,)*];

        static INFO: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name),
            operands: &[$(role!($operand)),*],
            extra: extra!($extra),
            doc: $doc,
        },)*];
    };
}
macro_rules! role {
    (-) => {
        crate::instr::Role::None
    };
    ($r:ident) => {
        crate::instr::Role::$r
    };
}
macro_rules! extra {
    (none) => {
        Extra::None
    };
    (cache) => {
        Extra::Cache
    };
    (label) => {
        Extra::Label
    };
    (pair) => {
        Extra::Pair
    };
}

/// What the second word of an instruction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    None,
    Cache,
    Label,
    Pair,
}

/// The row of an opcode as data.
#[derive(Debug)]
pub struct OpInfo {
    pub name: &'static str,
    /// Roles of a, b, c; or of a and bx, when the second is one of the 32-bit roles.
    pub operands: &'static [crate::instr::Role],
    pub extra: Extra,
    pub doc: &'static str,
}

for_each_op!(make_enum);

impl Op {
    /// The opcode with number `n`, if there is one.
    pub fn from_u8(n: u8) -> Option<Op> {
        ALL.get(n as usize).copied()
    }

    pub fn info(self) -> &'static OpInfo {
        &INFO[self as usize]
    }

    /// Number of 64-bit words the instruction takes.
    pub fn words(self) -> usize {
        if self.info().extra == Extra::None { 1 } else { 2 }
    }
}

macro_rules! intrinsics {
    ($(#[$m:meta])* $ty:ident { $($name:ident $doc:literal,)* }) => {
        $(#[$m])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $ty { $(#[doc = $doc] $name,)* }
        impl $ty {
            pub fn from_u16(n: u16) -> Option<$ty> {
                const ALL: &[$ty] = &[$($ty::$name,)*];
                ALL.get(n as usize).copied()
            }
        }
    };
}

intrinsics! {
    /// Builtins whose call with a generator expression is a loop in the caller's frame.
    Builtin {
        Any "any",
        All "all",
        List "list",
        Tuple "tuple",
        Set "set",
    }
}

intrinsics! {
    /// Rare operations of one operand, after CPython's INTRINSIC_*.
    Intrinsic1 {
        Print "sys.displayhook(value): an expression statement of the interactive prompt; gives None.",
        StopIterationError "StopIteration (StopAsyncIteration) that leaves a generator becomes RuntimeError; gives the exception to raise.",
        AsyncGenWrap "Wraps a value that an async generator yields.",
        TypeVar "TypeVar(name)",
        ParamSpec "ParamSpec(name)",
        TypeVarTuple "TypeVarTuple(name)",
        SubscriptGeneric "Generic[unpacked type params tuple]",
        TypeAlias "TypeAliasType from the tuple (name, type params or None, evaluator function).",
    }
}

intrinsics! {
    /// Rare operations of two operands.
    Intrinsic2 {
        TypeVarWithBound "TypeVar(name r[b], evaluator of the bound r[b+1])",
        TypeVarWithConstraints "TypeVar(name, evaluator of the constraints)",
        SetFunctionTypeParams "function r[b].__type_params__ := r[b+1]; gives the function.",
        SetTypeParamDefault "type param r[b] gets the default evaluator r[b+1]; gives the type param.",
    }
}
