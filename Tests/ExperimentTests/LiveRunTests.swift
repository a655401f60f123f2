import Coordinator
import Experiment
import Foundations
import Terminal
import Testing
import Training

@Suite struct LiveRunTests {
  private static let sites = ["aspen", "birch", "Universitätsklinikum mit einem sehr langen Namen", "東京大学病院"]

  private func scores(_ site: String, _ dice: Double) -> SiteScores {
    SiteScores(
      site: site, cases: 2, regions: [RegionScore(region: "WT", cases: 2, mean: dice, minimum: dice)])
  }

  private func round(_ number: Int, dice: Double, sites: [String] = sites) -> RoundRecord {
    RoundRecord(
      round: number,
      sites: sites.sorted().map {
        SiteRound(
          site: $0, cases: 3, steps: 40, meanLoss: 0.5, seconds: 5, validation: scores($0, dice))
      })
  }

  /// In its second round: one site has trained, one trains, one waits, one is left out.
  private func run(part: String? = nil) -> LiveRun {
    var run = LiveRun(part: part, sites: Self.sites, rounds: 10)
    let names = Self.sites.sorted()
    run.take(.asked(round: 1, sites: names), now: 100)
    for name in names { run.take(.trained(round: 1, site: name), now: 115) }
    run.take(.validating(round: 1), now: 115)
    for name in names { run.take(.validated(round: 1, scores(name, 0.625)), now: 119) }
    run.take(.finished(round(1, dice: 0.625)), now: 120)
    run.take(.asked(round: 2, sites: names), now: 120)
    run.take(StepProgress(site: "aspen", round: 2, step: 40, steps: 40, meanLoss: 0.4321))
    run.take(.trained(round: 2, site: "aspen"), now: 124)
    run.take(StepProgress(site: "birch", round: 2, step: 10, steps: 40, meanLoss: 0.39))
    run.take(.leftOut(round: 2, Absence(site: Self.sites[2], reason: "late")), now: 125)
    run.bytes = 12_345_678
    return run
  }

  private func plain(_ run: LiveRun, columns: Int, rows: Int = 24, now: Double = 126) -> [String] {
    run.lines(TerminalSize(columns: columns, rows: rows), now: now).map(\.plain)
  }

  @Test func wide() {
    #expect(
      plain(run(part: "fold 2 of 3"), columns: 121) == [
        "fold 2 of 3, round 2 of 10, trains  ███░░░░░░░░░░░░░░░░░░░░░  15 %  2:54 min left  12.35 MB exchanged",
        "  site                                                  step                      loss    Dice",
        "✗ Universitätsklinikum mit einem sehr langen Namen  left out  ░░░░░░░░░░░░░░░░  0.5000  0.6250",
        "✓ aspen                                                40/40  ████████████████  0.4321  0.6250",
        "▸ birch                                                10/40  ████░░░░░░░░░░░░  0.3900  0.6250",
        "· 東京大学病院                                         waits  ░░░░░░░░░░░░░░░░  0.5000  0.6250",
        "validation Dice 0.6250",
      ])
  }

  @Test func narrow() {
    #expect(
      plain(run(), columns: 40) == [
        "round 2 of 10, trains",
        "██░░░░░░░░░░░░░░░░  15 %  2:54 min left",
        "12.35 MB exchanged",
        "  site             step    loss    Dice",
        "✗ Universitä…  left out  0.5000  0.6250",
        "✓ aspen           40/40  0.4321  0.6250",
        "▸ birch           10/40  0.3900  0.6250",
        "· 東京大学病…     waits  0.5000  0.6250",
        "validation Dice 0.6250",
      ])
  }

  /// No line reaches the last column, at any width, and each site is told of while it fits.
  @Test(arguments: [20, 32, 40, 60, 79, 80, 99, 100, 101, 120, 200]) func everyWidth(columns: Int) {
    for phase in 0..<3 {
      var run = run(part: phase == 0 ? nil : "seed 3, fold 2 of 5")
      if phase == 2 { run.take(.testing, now: 130) }
      for line in plain(run, columns: columns) { #expect(line.columnWidth < columns, "\(line)") }
    }
    let lines = plain(run(), columns: columns).joined(separator: "\n")
    #expect(lines.contains("10/40") && lines.contains("40/40") || columns < 32)
  }

  /// On a low terminal the sites at work have the lines, the others are counted.
  @Test func manySites() {
    let names = (1...40).map { "site-\($0 < 10 ? "0" : "")\($0)" }
    var run = LiveRun(sites: names, rounds: 3)
    run.take(.asked(round: 1, sites: Array(names.prefix(30))), now: 0)
    for name in names.prefix(5) { run.take(.trained(round: 1, site: name), now: 1) }
    for name in names[20..<22] {
      run.take(StepProgress(site: name, round: 1, step: 1, steps: 2, meanLoss: 0.1))
    }
    for rows in [5, 8, 12, 24, 60] {
      let lines = plain(run, columns: 80, rows: rows, now: 2)
      #expect(lines.count <= max(5, rows - 1) && lines.count <= 20)
      #expect(lines.contains { $0.contains("site-21") } && lines.contains { $0.contains("more") })
    }
    let text = plain(run, columns: 80, now: 2).joined(separator: "\n")
    #expect(text.contains("site-22") && text.contains("5 trained") && text.contains("10 not in the round"))
  }

  /// What is told does not depend on colours.
  @Test func coloursAddNothing() {
    for line in run().lines(TerminalSize(columns: 120, rows: 24), now: 126) {
      let coloured = line.text(.full)
      #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == line.plain)
      #expect(line.text(.none) == line.plain)
    }
  }

  @Test func timeLeft() throws {
    var run = LiveRun(sites: ["a", "b"], rounds: 4)
    #expect(run.secondsLeft(now: 0) == nil)
    run.take(.asked(round: 1, sites: ["a", "b"]), now: 0)
    #expect(run.secondsLeft(now: 1) == nil)
    // In the first round its steps tell: a quarter of it took 10 s.
    run.take(StepProgress(site: "a", round: 1, step: 5, steps: 10, meanLoss: 1))
    #expect(try abs(#require(run.secondsLeft(now: 10)) - 150) < 1e-9)
    run.take(.finished(round(1, dice: 0.1, sites: ["a", "b"])), now: 40)
    #expect(run.secondsLeft(now: 40) == 120)
    run.take(.asked(round: 2, sites: ["a", "b"]), now: 40)
    #expect(run.secondsLeft(now: 50) == 110)
    // A round that takes longer than those before is still to end.
    #expect(run.secondsLeft(now: 100) == 80)
    run.take(.finished(round(2, dice: 0.1, sites: ["a", "b"])), now: 100)
    #expect(run.secondsLeft(now: 100) == 100)
  }

  @Test func aResumedRunGoesOnWhereItWas() {
    var run = LiveRun(sites: ["a"], rounds: 10)
    run.take(.resumed(afterRound: 5), now: 0)
    #expect(run.share == 0.5)
    run.take(.asked(round: 6, sites: ["a"]), now: 0)
    run.take(StepProgress(site: "a", round: 6, step: 1, steps: 2, meanLoss: 1))
    #expect(run.share == 0.55)
    // Five rounds, of which half of the first took 2 s.
    #expect(run.secondsLeft(now: 2) == 18)
  }

  @Test func theBestRoundIsTold() {
    var run = LiveRun(sites: ["a"], rounds: 10)
    for (number, dice) in [(1, 0.5), (2, 0.75), (3, 0.625)] {
      run.take(.asked(round: number, sites: ["a"]), now: 0)
      run.take(.finished(round(number, dice: dice, sites: ["a"])), now: 1)
    }
    #expect(plain(run, columns: 80).last == "validation Dice 0.6250, best 0.7500 in round 2")
  }
}
