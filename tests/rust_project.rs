//! What a Rust project writes to keep a scenario among its own tests. `docs/ci.md` shows this file.

// begin of the example
use sim_core::report::{Request, Stored, Verdict, run};
use sim_core::scenario::{Source, load};

#[test]
fn the_shop_survives_a_slow_payment_provider() {
    let source = Source {
        name: "payments-guarded.yaml".to_owned(),
        text: include_str!("../scenarios/payments-guarded.yaml").to_owned(),
    };
    let loaded = load(&source, &[], &|file| Err(format!("{file} is not needed")))
        .unwrap_or_else(|mistakes| panic!("{mistakes}"));

    let request = Request::of(&loaded.scenario);
    let (report, ()) = run(&loaded, &request, (), &mut |_now, _events| true);

    assert_eq!(report.verdict, Verdict::Pass);
    insta::with_settings!({ snapshot_path => "../reports", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("payments-guarded", Stored::of(&report).text());
    });
}
// end of the example

#[test]
fn the_page_shows_this_example() {
    let this = include_str!("rust_project.rs");
    let example = this.split("// begin of the example\n").nth(1);
    let example = example.and_then(|rest| rest.split("// end of the example").next());
    let page = include_str!("../docs/ci.md");
    let shown = page
        .split("```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(shown.unwrap(), example.unwrap());
}
