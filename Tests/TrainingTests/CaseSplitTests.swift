import Testing
import Training

private func split(validation: Double, test: Double) -> TrainingPlan.Split {
  var split = BuiltInPlans.unet3d.split
  (split.validation, split.test) = (validation, test)
  return split
}

private let shares = split(validation: 0.15, test: 0.25)

struct CaseSplitTests {
  @Test(arguments: 3...60)
  func partsAreDisjointAndComplete(cases: Int) throws {
    let parts = try CaseSplit(cases: cases, shares: shares, site: "a", seed: 1)
    #expect((parts.training + parts.validation + parts.test).sorted() == Array(0..<cases))
    for part in [parts.training, parts.validation, parts.test] {
      #expect(!part.isEmpty && part == part.sorted())
    }
    // Within one case of the share, or the one case that each part has at least.
    #expect(abs(Double(parts.test.count) - max(1, 0.25 * Double(cases))) <= 0.5)
    #expect(abs(Double(parts.validation.count) - max(1, 0.15 * Double(cases))) <= 0.5)
  }

  @Test func seedAndSiteNameTheSplit() throws {
    func parts(_ site: String, _ seed: UInt64) throws -> CaseSplit {
      try CaseSplit(cases: 40, shares: shares, site: site, seed: seed)
    }
    #expect(try parts("a", 1) == parts("a", 1))
    #expect(try parts("a", 1) != parts("a", 2))
    #expect(try parts("a", 1) != parts("b", 1))
  }

  /// Over many seeds each case comes to the test part as often as the share says.
  @Test func everyCaseHasTheSameChance() throws {
    var counts = [Int](repeating: 0, count: 8)
    for seed in 0..<2000 {
      let parts = try CaseSplit(cases: 8, shares: shares, site: "a", seed: UInt64(seed))
      for index in parts.test { counts[index] += 1 }
    }
    // 2 of 8 cases: 500 expected, deviation √(2000 · ¼ · ¾) = 19.4; five deviations.
    #expect(counts.allSatisfy { abs($0 - 500) < 97 }, "\(counts)")
  }

  @Test func noSharesLeaveAllInTraining() throws {
    let none = split(validation: 0, test: 0)
    #expect(try CaseSplit(cases: 1, shares: none, site: "a", seed: 1) == .all(1))
    #expect(try CaseSplit(cases: 5, shares: none, site: "a", seed: 1) == .all(5))
  }

  /// Large shares leave at least one case in each part.
  @Test(arguments: [(0.45, 0.5, 3), (0.89, 0.1, 3), (0.1, 0.89, 3), (0.9, 0.0, 2), (0.0, 0.9, 2)])
  func roundingLeavesTraining(validation: Double, test: Double, cases: Int) throws {
    let shares = split(validation: validation, test: test)
    let parts = try CaseSplit(cases: cases, shares: shares, site: "a", seed: 3)
    #expect(!parts.training.isEmpty)
    #expect(parts.test.isEmpty == (test == 0) && parts.validation.isEmpty == (validation == 0))
    #expect(parts.training.count + parts.validation.count + parts.test.count == cases)
  }

  @Test func tooFewCases() throws {
    for cases in 0...2 {
      #expect(throws: SplitError.tooFewCases(site: "north", found: cases, needed: 3)) {
        try CaseSplit(cases: cases, shares: shares, site: "north", seed: 1)
      }
    }
    #expect(throws: SplitError.tooFewCases(site: "north", found: 1, needed: 2)) {
      try CaseSplit(cases: 1, shares: split(validation: 0, test: 0.2), site: "north", seed: 1)
    }
    let message = SplitError.tooFewCases(site: "north", found: 1, needed: 3).description
    for part in ["north", "found 1 case,", "at least 3", "segfed evaluate"] {
      #expect(message.contains(part))
    }
  }
}
