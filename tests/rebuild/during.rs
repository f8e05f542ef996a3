//! Saves while something else is under way.

use crate::shop::Shop;

#[test]
fn an_error_that_is_mended_while_it_is_built_needs_no_further_save() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let held = shop.hold("web");
    shop.break_own("web");
    held.wait();
    shop.write_own("web", 2);
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    dev.end(&shop);
}

#[test]
fn two_saves_during_a_build_are_one_more_build() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let before = shop.cargos("build");
    // Cargo itself is at work: the first save cancels it, the second finds the next one.
    let held = shop.hold("web");
    shop.write_own("web", 2);
    held.wait();
    shop.write_own("web", 3);
    held.wait();
    shop.write_own("web", 4);
    held.wait();
    held.release();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 4 1 1");
    assert_eq!(dev.starts("web"), 2, "{}", dev.tool.transcript());
    assert_eq!(shop.cargos("build") - before, 3, "{}", dev.tool.transcript());
    dev.end(&shop);
}
