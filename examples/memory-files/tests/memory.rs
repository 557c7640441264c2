//! What the program finds and leaves in memory.

use memory_files::tally;

#[test]
fn the_host_reads_what_the_program_wrote() {
    let report = tally(&[("one.txt", "a\nb\n"), ("two.txt", "c\n")]).expect("no trap");
    assert_eq!(report.status, 0);
    assert_eq!(report.output, "/data/summary.txt: written\n");
    let summary = "     2 one.txt\n     1 two.txt\n     3 in all\n";
    assert_eq!(report.summary.as_deref(), Some(summary));
    let again = tally(&[("one.txt", "a\nb\n"), ("two.txt", "c\n")]);
    assert_eq!(again.expect("no trap"), report);
}

#[test]
fn too_little_room_is_the_programs_to_report() {
    let much = "x".repeat((1 << 16) - 4 * 256);
    let report = tally(&[("much.txt", &much)]).expect("no trap");
    assert_eq!(report.status, 1, "{}", report.output);
    assert_eq!(report.summary, None);
    assert!(tally(&[("more.txt", &"x".repeat(1 << 17))]).is_err());
}
