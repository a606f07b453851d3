use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::verify::verify;

#[test]
fn a_sound_heap_and_a_broken_one() {
    start();
    let r = plain(0);
    set_a(&r, Some(plain(0)));
    publish(r.value());
    set_b(&r, Some(plain(0)));
    assert_eq!(verify(), Vec::<String>::new());
    // A private object is smuggled into a shared one.
    let private = plain(0);
    let smuggled = skein_gc::Slot::new(private.clone());
    let b = &node(&r).b;
    // SAFETY: swaps the bits of two slots, without publication.
    unsafe { std::ptr::swap((&raw const *b).cast_mut(), (&raw const smuggled).cast_mut()) };
    assert_eq!(verify().len(), 1);
    publish(private.value());
    assert_eq!(verify(), Vec::<String>::new());
}
