use crate::objects::*;
use skein_collections::Set;
use skein_gc::Ref;

#[test]
fn operations() {
    start();
    {
        let (a, b) = (Set::new(), Set::new());
        let h = thing(3, 0);
        let h = h.header().unwrap();
        for i in 0..20 {
            assert!(a.insert(h, i % 4, thing(3, i), &mut Pure).unwrap());
            assert!(!a.insert(h, i % 4, thing(3, i), &mut Impure(|| ())).unwrap());
            b.insert(h, (i + 10) % 4, thing(3, i + 10), &mut Pure).unwrap();
        }
        let common = a.filtered(&b, h, true, &mut Pure).unwrap();
        let rest = a.filtered(&b, h, false, &mut Pure).unwrap();
        assert_eq!((common.len(), rest.len()), (10, 10));
        assert!(common.is_subset(&a, h, &mut Pure).unwrap());
        assert!(!a.is_subset(&common, h, &mut Pure).unwrap());
        let all = a.copy(h).unwrap();
        all.extend_from(h, &b, &mut Impure(|| ())).unwrap();
        assert_eq!(all.len(), 30);
        assert!(all.contains(h, 1, &thing(3, 29), &mut Pure).unwrap());
        assert_eq!(number(&all.get(h, 1, &thing(3, 29), &mut Pure).unwrap().unwrap()), 29);
        assert_eq!(
            number(&all.remove(h, 1, &thing(3, 29), &mut Pure).unwrap().unwrap()),
            29
        );
        assert_eq!(number(&all.pop(h).unwrap()), 0);
        let (mut pos, mut n) = (0, 0);
        while all.next(&mut pos).is_some() {
            n += 1;
        }
        assert_eq!(n, 28);
        assert!(all.is_valid());
        a.replace(h, all);
        b.clear(h);
        assert_eq!((a.len(), b.len()), (28, 0));
        let _: Option<Ref> = b.pop(h);
    }
    assert_eq!(alive(3), 0);
}
