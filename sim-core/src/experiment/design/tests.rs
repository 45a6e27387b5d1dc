use super::*;

fn axis(text: &str) -> Axis {
    Axis::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

fn values(text: &str) -> String {
    axis(&format!("p={text}")).examples().join(" ")
}

fn grid(axes: &[&str]) -> Design {
    Design::new(
        axes.iter().map(|text| axis(text)).collect(),
        DesignKind::Grid,
    )
    .unwrap()
}

#[test]
fn values_are_written_in_one_way() {
    for (text, expected) in [
        ("1,2,3", "1 2 3"),
        (" 250ms , 1000ms ", "250ms 1s"),
        ("none,full,equal", "none full equal"),
        ("10,20,unlimited", "10 20 unlimited"),
        (
            "{ uniform: { low: 1ms, high: 2ms } },5ms",
            "{ uniform: { low: 1ms, high: 2ms } } 5ms",
        ),
        ("\"a,b\",c", "\"a,b\" c"),
        ("10..50 step 10", "10 20 30 40 50"),
        ("0..1 step 0.3", "0 0.3 0.6 0.9"),
        ("0.1..0.5 step 0.1", "0.1 0.2 0.3 0.4 0.5"),
        ("100ms..1s step 300ms", "100ms 400ms 700ms 1s"),
        ("5%..20% step 5%", "5% 10% 15% 20%"),
        ("1..100 log 3", "1 10 100"),
        ("1..64 log 7", "1 2 4 8 16 32 64"),
        ("10ms..10s log 4", "10ms 100ms 1s 10s"),
        ("0.1..1000.0 log 5", "0.1 1 10 100 1000"),
        ("1/s..2/s log 4", "1/s 1.26/s 1.587/s 2/s"),
    ] {
        assert_eq!(values(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_axis_is_refused_with_the_reason() {
    for (text, reason) in [
        ("p", "is no axis"),
        ("=1,2", "is no axis"),
        ("p=", "it has no values"),
        ("p=1,,2", "one of its values is empty"),
        ("p=1,2,", "one of its values is empty"),
        ("p=1,2,1", "`1` is there twice"),
        ("p=1s,1000ms", "`1s` is there twice"),
        ("p=1,3,2", "values must increase, and `2` comes after `3`"),
        ("p=200ms,1ms", "values must increase"),
        ("p=5..1 step 1", "a range must go up"),
        ("p=1..1 step 1", "a range must go up"),
        ("p=1..5 step 0", "is not a step"),
        ("p=1s..5s step 1", "is not a step"),
        ("p=1..5s step 1", "have different units"),
        ("p=a..b step 1", "`a` is not a number with a unit"),
        ("p=1..5 stride 1", "is not a range"),
        ("p=1..", "is not a range"),
        ("p=0..5 log 3", "factors need a start above zero"),
        ("p=1..5 log 1", "is not a number of values"),
        ("p=1..5 log x", "is not a number of values"),
        ("p=1..3 log 9", "9 values do not fit"),
        ("p=0..1000000 step 1", "1000001 values are more"),
        ("p=1..1e18 step 0.000000001", "are more than an axis"),
    ] {
        let wrong = Axis::parse(text).unwrap_err();
        assert!(wrong.message.contains(reason), "{text}: {wrong:?}");
    }
}

#[test]
fn a_design_needs_axes_that_differ_and_end() {
    let refused = |axes: &[&str], kind| {
        let axes = axes.iter().map(|text| axis(text)).collect();
        Design::new(axes, kind).unwrap_err().message
    };
    assert!(refused(&[], DesignKind::Grid).contains("nothing to vary"));
    assert!(refused(&["a=1,2", "a=3"], DesignKind::Grid).contains("`a` is varied twice"));
    assert!(refused(&["a=1..2"], DesignKind::Grid).contains("no end of values"));
    assert!(Design::new(vec![axis("a=1..2")], DesignKind::Lhs(3)).is_ok());
}

#[test]
fn a_grid_has_every_combination_and_knows_how_many() {
    let design = grid(&["a=1,2", "b=x,y,z"]);
    let names: Vec<String> = design
        .cells(1)
        .iter()
        .map(|cell| design.name(cell))
        .collect();
    assert_eq!(
        names,
        [
            "a=1 b=x", "a=1 b=y", "a=1 b=z", "a=2 b=x", "a=2 b=y", "a=2 b=z"
        ]
    );
    assert_eq!(design.size(), Some(6));
    let axes: Vec<String> = (0..8).map(|n| format!("a{n}=1..100000 step 1")).collect();
    let huge = grid(&axes.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(huge.size(), None, "100000^8 is more than 128 bits hold");
}

#[test]
fn a_cell_is_known_by_its_parameters_alone() {
    let (one, other) = (grid(&["a=1", "b=x y"]), grid(&["b=x y", "a=1"]));
    let name = |design: &Design| design.name(&design.cells(1)[0]);
    assert_eq!(name(&one), name(&other));
    assert_eq!(name(&one), "a=1 b=\"x y\"");
    let hostile = grid(&["a=1 b=2"]);
    assert_ne!(name(&hostile), name(&grid(&["a=1", "b=2"])));
}

#[test]
fn more_random_cells_leave_the_first_ones_where_they_are() {
    let design = |points| {
        let axes = vec![axis("a=0..1000000"), axis("b=1ms..10s log"), axis("c=x,y")];
        Design::new(axes, DesignKind::Random(points))
            .unwrap()
            .cells(7)
    };
    assert_eq!(design(20), design(50)[..20]);
    let other = Design::new(
        vec![axis("z=1,2"), axis("a=0..1000000")],
        DesignKind::Random(20),
    )
    .unwrap();
    let column = |cells: &[Cell], place: usize| -> Vec<String> {
        cells
            .iter()
            .map(|cell| cell.values[place].clone())
            .collect()
    };
    assert_eq!(
        column(&other.cells(7), 1),
        column(&design(20), 0),
        "an axis more moves no other"
    );
}

#[test]
fn a_latin_hypercube_covers_each_axis_evenly() {
    let axes = vec![
        axis("a=0.0..100.5"),
        axis("b=1..1000000 log"),
        axis("c=x,y,z,w"),
    ];
    let cells = Design::new(axes, DesignKind::Lhs(20)).unwrap().cells(3);
    let number = |cell: &Cell, axis: usize| Quantity::parse(&cell.values[axis]).unwrap().as_f64();
    let mut slices: Vec<u32> = cells
        .iter()
        .map(|cell| (number(cell, 0) / 5.025) as u32)
        .collect();
    slices.sort_unstable();
    assert_eq!(slices, (0..20).collect::<Vec<_>>());
    for word in ["x", "y", "z", "w"] {
        assert_eq!(
            cells.iter().filter(|cell| cell.values[2] == word).count(),
            5
        );
    }
    let below_thousand = cells.iter().filter(|cell| number(cell, 1) < 1000.0).count();
    assert_eq!(
        below_thousand, 10,
        "half of the factors lie below the middle one"
    );
}

#[test]
fn a_kind_of_design_reads_back() {
    for kind in [
        DesignKind::Grid,
        DesignKind::Random(5),
        DesignKind::Lhs(100),
    ] {
        assert_eq!(DesignKind::parse(&kind.to_string()).unwrap(), kind);
    }
    for text in [
        "",
        "sobol 5",
        "random",
        "random 0",
        "lhs -1",
        "lhs 2000000",
        "grid 5",
    ] {
        assert!(DesignKind::parse(text).is_err(), "{text}");
    }
}

#[test]
fn hints_write_a_design_as_the_command_line_takes_it() {
    let hint = DesignKind::parse("sobol:5").unwrap_err().hint.unwrap();
    assert_eq!(hint, "write `grid`, `random:100` or `lhs:100`");
    for word in ["random:100", "lhs:100"] {
        assert!(DesignKind::parse(word).is_ok(), "{word}");
    }
    let endless = Design::new(vec![axis("a=1..2")], DesignKind::Grid).unwrap_err();
    let hint = endless.hint.unwrap();
    assert!(hint.ends_with("or draw with `--design lhs:50`"), "{hint}");
}
