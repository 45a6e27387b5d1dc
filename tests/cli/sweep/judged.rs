//! What a sweep says of its cells: no more than they show.

use super::super::binary::Scratch;
use super::super::sample::{SHOP, shop_with};

/// Sweeps a scenario; the words that are printed, in one line.
fn swept(scratch: &Scratch, text: &str, more: &[&str]) -> String {
    scratch.write("shop.yaml", text);
    let args = [&["-q", "sweep", "shop.yaml"][..], more].concat();
    let out = scratch.run(&args).with(0).out;
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

const FEW: [&str; 4] = ["--vary", "services.shop.threads=4,9", "-n", "2"];

#[test]
fn noise_ranks_nothing() {
    let scratch = Scratch::new("sweep-noise");
    let noise = [
        "--vary",
        "services.shop.queue.capacity=1000,2000",
        "-n",
        "3",
        "--independent",
        "-o",
        "out",
    ];
    let said = swept(&scratch, SHOP, &noise);
    assert!(
        said.contains("nothing varied here matters beyond chance"),
        "{said}"
    );
    assert!(!said.contains("depends most on"), "{said}");
    let goodput = scratch.read("out/charts/curve-2.svg");
    assert!(
        goodput.contains("<title>goodput of users (no more than chance)"),
        "{goodput}"
    );
    let success = scratch.read("out/charts/curve-1.svg");
    assert!(
        success.contains("<title>success of users (the same everywhere)"),
        "{success}"
    );
    let single = [&noise[..2], &["-n", "1", "--independent"]].concat();
    let said = swept(&scratch, SHOP, &single);
    assert!(
        said.contains("cannot tell from chance what matters"),
        "{said}"
    );
}

#[test]
fn a_cell_says_which_expectations_it_misses_and_is_green_only_if_none() {
    let scratch = Scratch::new("sweep-missed");
    let hard = shop_with(
        "expect:\n",
        "expect:\n  quick: { latency: { client: users, percentile: 99, at_most: 1ms } }\n",
    );
    let said = swept(&scratch, &hard, &[&FEW[..], &["-o", "out"]].concat());
    assert!(
        said.contains("2 cells are stable: no run collapses"),
        "{said}"
    );
    assert!(
        said.contains("no cell meets all expectations; missed: quick in 2"),
        "{said}"
    );
    assert!(said.contains("misses quick in 2 of 2"), "{said}");
    assert!(
        scratch
            .read("out/report.md")
            .contains("misses quick in 2 of 2")
    );
    let page = scratch.read("out/report.html");
    assert!(page.contains("misses quick in 2 of 2"));
    assert!(!page.contains("<td class=\"good\""), "nothing is good");
    let green = scratch.read("out/charts/collapse.svg");
    let green = green.matches("#5FBF9F").count();
    assert_eq!(green, 1, "only the legend is green");
    let said = swept(&scratch, SHOP, &FEW);
    assert!(said.contains("all 2 cells meet all expectations"), "{said}");
}

#[test]
fn only_what_can_be_wanted_is_traded_and_ties_are_told() {
    let scratch = Scratch::new("sweep-front");
    let front = |text: &str, more: &[&str]| {
        scratch.write("shop.yaml", text);
        let args = [&["-q", "sweep", "shop.yaml", "--format", "json"][..], more].concat();
        let json = scratch.run(&args).with(0).out;
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        report["front"].clone()
    };
    // One thread does half of what is asked for; the timeout of two seconds changes nothing.
    let more = [
        "--vary",
        "services.shop.threads=1,4,5",
        "--vary",
        "policies.patient.timeout.after=1s,2s",
        "-n",
        "2",
    ];
    let strict = shop_with("at_least: 50%", "at_least: 95%");
    let told = front(&strict, &more);
    let places = told["cells"].as_array().unwrap();
    assert!(!places.is_empty() && places.iter().all(|place| place.as_u64() >= Some(2)));
    assert_eq!(told["feasible"], 4);
    assert!(
        told["equals"]
            .as_array()
            .unwrap()
            .iter()
            .all(|equals| equals == 2)
    );
    let load = "clients.users.arrivals.poisson.rate=50/s,100/s";
    assert!(
        front(SHOP, &["--vary", load, "-n", "2"]).is_null(),
        "a load is no choice"
    );
    let none = front(&strict, &["--vary", "services.shop.threads=1,2", "-n", "3"]);
    assert_eq!(
        (&none["feasible"], none["cells"].as_array().unwrap().len()),
        (&0.into(), 0)
    );
}
