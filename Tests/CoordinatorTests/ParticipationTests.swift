import Coordinator
import Testing

struct ParticipationTests {
  private let names = (0..<10).map { "site-\($0)" }

  @Test(arguments: ["all", "fraction:0.5", "weighted:0.25", "fraction:1.0"])
  func isReadAsItIsWritten(text: String) throws {
    #expect(try #require(Participation(text)).description == text)
  }

  @Test(arguments: [
    "", "some", "fraction", "fraction:0", "fraction:1.1", "weighted:x", "all:1", "fraction:0.5:2",
  ])
  func anythingElseIsNone(text: String) {
    #expect(Participation(text) == nil)
  }

  /// Drawn sites stand in the order of the names, are as many as asked for, and differ from round to round.
  @Test func aShareIsDrawn() {
    let cases = Dictionary(uniqueKeysWithValues: names.map { ($0, 3) })
    var counts: [String: Int] = [:]
    for round in 1...2000 {
      let drawn = Participation.fraction(0.3).sites(of: names, cases: cases, round: round, seed: 5)
      #expect(drawn.count == 3 && drawn == drawn.sorted())
      for site in drawn { counts[site, default: 0] += 1 }
    }
    // 600 ± 20.5 expected of each.
    #expect(counts.count == 10 && counts.values.allSatisfy { abs($0 - 600) < 90 })
    #expect(Participation.fraction(0.01).sites(of: names, cases: cases, round: 1, seed: 5).count == 1)
    #expect(Participation.all.sites(of: names, cases: cases, round: 1, seed: 5) == names)
  }

  /// Products that come out a little above a whole number are that number.
  @Test func sharesAreRoundedUp() {
    #expect([0.07, 0.28, 0.55, 1].map { Participation.fraction($0).count(of: 100) } == [7, 28, 55, 100])
    #expect(Participation.fraction(0.5).count(of: 5) == 3)
  }

  /// Of one draw each site is taken as often as its share of the cases.
  @Test func moreCasesAreDrawnMoreOften() {
    let names = ["a", "b", "c"]
    let cases = ["a": 1, "b": 3, "c": 6]
    var counts: [String: Int] = [:]
    for round in 1...4000 {
      for site in Participation.weighted(0.2).sites(of: names, cases: cases, round: round, seed: 9) {
        counts[site, default: 0] += 1
      }
    }
    for (site, share) in ["a": 0.1, "b": 0.3, "c": 0.6] {
      // Four standard deviations of a binomial.
      let expected = 4000 * share
      #expect(
        abs(Double(counts[site] ?? 0) - expected) < 4 * (expected * (1 - share)).squareRoot(), "\(site)")
    }
  }
}
