//! `layercast estimate`.

use crate::check::Workshop;
use expect_test::expect;

#[test]
fn a_platform_that_is_none_is_refused() {
    Workshop::with(&[]).check("estimate --platform nonsense", expect![[r#"
        $ layercast estimate --platform nonsense
        exit: 2
        --- stderr ---
        error: invalid value 'nonsense' for '--platform <OS/ARCH[/VARIANT]>': `nonsense` is no platform: expected os/architecture[/variant], such as linux/arm64

        For more information, try '--help'.
    "#]]);
}
