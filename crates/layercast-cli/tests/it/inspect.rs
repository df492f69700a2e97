//! `layercast inspect`.

use crate::check::Workshop;
use expect_test::expect;

#[test]
fn a_missing_file_is_named() {
    Workshop::with(&[]).check(
        "inspect nowhere/Dockerfile",
        expect![[r#"
        $ layercast inspect nowhere/Dockerfile
        exit: 2
        --- stderr ---
        error: failed to read nowhere/Dockerfile: there is no such file or folder
    "#]],
    );
}
