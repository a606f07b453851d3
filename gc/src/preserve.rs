//! Calls that leave the caller's registers alone.
//!
//! A function that calls another one anywhere, on a path that is never taken too, keeps what lives across that call in registers
//! that it must save at its start and restore at its end. For a handler of the interpreter, which is ten or twenty instructions,
//! that is most of its work (measured: six or seven pushes and pops in each handler that copies a reference). The way out
//! is a callee that saves all registers itself, for which the language has no stable calling convention; so the call and what
//! saves are written in assembly here, for the targets that we measure on. On others these are ordinary calls.
//!
//! To be used for what is seldom called from where it matters: the call itself costs more than an ordinary one.

/// `preserving!(fn name(parameter: &T) = path)`: a function that calls `path`, an `extern "C"` function, which must not unwind.
///
/// With `first (value) [lines]` these lines come before the call, and return if there is nothing to be called for: assembly that finds the
/// address of the parameter in rax, and `value` in rcx, which it may change, as it may the flags; all else is as it was where the
/// lines end. Elsewhere than in assembly they do not exist: `path` does whatever they do.
macro_rules! preserving {
    (
        $(#[$attribute:meta])* $v:vis fn $name:ident($p:ident: &$t:ty) = $target:path
        $(, first ($value:expr) [$($line:literal),* $(,)?])?
    ) => {
        $(#[$attribute])*
        #[inline(always)]
        $v fn $name($p: &$t) {
            // Wider vector registers may be live there.
            #[cfg(all(target_arch = "x86_64", unix, not(any(miri, loom, tsan)), not(target_feature = "avx")))]
            {
                /// Saves the general registers that an `extern "C"` function may change, and calls the target with rax.
                #[unsafe(naked)]
                unsafe extern "C" fn save_and_call() {
                    std::arch::naked_asm!(
                        $($($line,)*)?
                        "push rbp",
                        "mov rbp, rsp",
                        "push rax",
                        "push rcx",
                        "push rdx",
                        "push rsi",
                        "push rdi",
                        "push r8",
                        "push r9",
                        "push r10",
                        "push r11",
                        "and rsp, -16",
                        "mov rdi, rax",
                        "call {target}",
                        "lea rsp, [rbp - 72]",
                        "pop r11",
                        "pop r10",
                        "pop r9",
                        "pop r8",
                        "pop rdi",
                        "pop rsi",
                        "pop rdx",
                        "pop rcx",
                        "pop rax",
                        "pop rbp",
                        "ret",
                        target = sym $target,
                    )
                }
                // SAFETY: calls a function of the parameter's type. Of the registers that such a call may change the general ones are
                // saved, the vector registers and the flags are named as changed; there are no others without AVX, and the
                // direction flag and the x87 stack are as the ABI wants them on both sides. The stack is used beyond the red zone
                // and left as it was. The target does not unwind.
                unsafe {
                    std::arch::asm!(
                        "lea rsp, [rsp - 128]",
                        "call {save_and_call}",
                        "lea rsp, [rsp + 128]",
                        save_and_call = sym save_and_call,
                        in("rax") std::ptr::from_ref($p),
                        $(inout("rcx") $value => _,)?
                        out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
                        out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
                        out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
                        out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
                        options(nostack),
                    );
                }
            }
            #[cfg(not(all(target_arch = "x86_64", unix, not(any(miri, loom, tsan)), not(target_feature = "avx"))))]
            $target($p);
        }
    };
}

pub(crate) use preserving;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    extern "C" fn add(total: &AtomicU64) {
        // Work that takes registers of both kinds.
        let n = (0..20).map(|i| (i as f64).sqrt() + total.load(Ordering::Relaxed) as f64);
        total.fetch_add(n.sum::<f64>() as u64 | 1, Ordering::Relaxed);
    }
    preserving! {
        fn add_preserving(total: &AtomicU64) = add
    }

    fn mixed(call: impl Fn(&AtomicU64)) -> ([u64; 5], f64, u64) {
        let total = AtomicU64::new(0);
        let seed = std::hint::black_box(3_u64);
        let (mut a, mut b, mut c, mut d, mut e, mut f) = (seed, seed + 1, seed + 2, seed + 3, seed + 4, seed as f64);
        for i in 0..100_u64 {
            (a, b, c, d, e) = (b ^ i, c.wrapping_add(a), d.rotate_left(3), e ^ b, a.wrapping_add(i));
            f += a as f64;
            call(&total);
        }
        ([a, b, c, d, e], f, total.load(Ordering::Relaxed))
    }

    #[test]
    fn what_lives_across_the_call_survives_it() {
        assert_eq!(mixed(add_preserving), mixed(|total| add(total)));
    }
}
