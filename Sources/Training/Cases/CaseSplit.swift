import Foundations

/// Which of a site's cases train, choose and test: seeded, by case, the same whenever asked.
package struct CaseSplit: Sendable, Equatable {
  /// Indices into the site's cases, ascending.
  package let training: [Int]
  package let validation: [Int]
  package let test: [Int]

  /// Every case in training.
  package static func all(_ count: Int) -> CaseSplit {
    CaseSplit(training: Array(0..<count), validation: [], test: [])
  }

  /// Parts chosen elsewhere.
  package init(training: [Int], validation: [Int], test: [Int]) {
    self.training = training.sorted()
    self.validation = validation.sorted()
    self.test = test.sorted()
  }

  /// The parts without cases that are left out; `kept` are the indices that stay, ascending, and are counted anew.
  package func keeping(_ kept: [Int]) -> CaseSplit {
    func part(_ indices: [Int]) -> [Int] { indices.compactMap { kept.firstIndex(of: $0) } }
    return CaseSplit(training: part(training), validation: part(validation), test: part(test))
  }

  /// The name of a case's part; nil for an index in none.
  package func part(of index: Int) -> String? {
    if training.contains(index) { return "training" }
    if validation.contains(index) { return "validation" }
    return test.contains(index) ? "test" : nil
  }

  /// Draws the parts. Each share above 0 gets at least one case, and training at least one.
  ///
  /// Throws `SplitError.tooFewCases` where that does not go.
  package init(
    cases: Int, shares: TrainingPlan.Split, site: String, seed: UInt64
  ) throws {
    func part(_ share: Double) -> Int { share == 0 ? 0 : max(1, Int((share * Double(cases)).rounded())) }
    var test = part(shares.test)
    var validation = part(shares.validation)
    let needed = 1 + (test > 0 ? 1 : 0) + (validation > 0 ? 1 : 0)
    guard cases >= needed else {
      throw SplitError.tooFewCases(site: site, found: cases, needed: needed)
    }
    // Rounding must not leave training with nothing.
    while cases - test - validation < 1 {
      if validation > 1 { validation -= 1 } else { test -= 1 }
    }
    var stream = RandomStream(seed: seed, purpose: .split, site: site)
    let order = stream.permutation(cases)
    self.init(
      training: Array(order[(test + validation)...]), validation: Array(order[test..<test + validation]),
      test: Array(order[..<test]))
  }
}

/// One of several parts of a site's cases, each tested once (k-fold cross-validation).
package struct CaseFold: Sendable, Equatable, Codable {
  /// From 1.
  package let number: Int
  package let count: Int

  package init(number: Int, count: Int) {
    precondition(count > 1 && (1...count).contains(number), "part \(number) of \(count)")
    (self.number, self.count) = (number, count)
  }
}

extension CaseSplit {
  /// Deals the cases to as many parts, sizes alike to one; one part tests, a share of all validates, the rest trains.
  ///
  /// Throws `SplitError.tooFewForFolds` where a part would be empty, or nothing would be left to train on.
  package init(cases: Int, fold: CaseFold, validation share: Double, site: String, seed: UInt64) throws {
    guard cases >= fold.count else {
      throw SplitError.tooFewForFolds(site: site, found: cases, needed: fold.count)
    }
    var stream = RandomStream(seed: seed, purpose: .split, site: site)
    let order = stream.permutation(cases)
    let test = order.indices.filter { $0 % fold.count == fold.number - 1 }.map { order[$0] }
    let rest = order.indices.filter { $0 % fold.count != fold.number - 1 }.map { order[$0] }
    let wanted = share == 0 ? 0 : max(1, Int((share * Double(cases)).rounded()))
    let validation = min(wanted, rest.count - 1)
    self.init(training: Array(rest[validation...]), validation: Array(rest[..<validation]), test: test)
  }
}

/// Sites that cannot be split into parts.
package enum SplitError: DescribedError {
  case tooFewCases(site: String, found: Int, needed: Int)
  case tooFewForFolds(site: String, found: Int, needed: Int)

  package var description: String {
    switch self {
    case .tooFewForFolds(let site, let found, let needed):
      "Site \(site): found \(found) case\(found == 1 ? "" : "s"), expected at least \(needed), one for each fold. Ask for fewer --folds, or "
        + "add cases."
    case .tooFewCases(let site, let found, let needed):
      "Site \(site): found \(found) case\(found == 1 ? "" : "s"), expected at least \(needed) to have training, "
        + "validation and test cases. Add cases, move the case to another site, or set the shares under split "
        + "in the plan to 0 and test with `segfed evaluate` on other data."
    }
  }
}
