import Foundations

/// One simulated hospital: its scanner and its patients.
package struct SiteProfile: Sendable, Equatable {
  /// The folder's name.
  package var name: String
  package var scanner: Scanner
  package var mix: TumourMix
  package var cases: Int

  package init(name: String, scanner: Scanner, mix: TumourMix, cases: Int) {
    self.name = name
    self.scanner = scanner
    self.mix = mix
    self.cases = cases
  }
}

/// A named set of sites.
package enum Profile: String, Sendable, CaseIterable {
  /// Six small sites, 40 cases, a few minutes of training.
  case demo
  /// The 23 natural sites of FeTS 2022 with their case counts, on BraTS' grid.
  case fets23
  /// Six sites of axial slices as PNG.
  case slices2d

  /// The profile of that name; throws `SimulationError.unknownProfile`.
  package init(named name: String) throws {
    guard let found = Profile(rawValue: name) else {
      throw SimulationError.unknownProfile(name: name, known: Profile.allCases.map(\.rawValue))
    }
    self = found
  }

  /// Whether cases are PNG slices.
  package var isPlanar: Bool { self == .slices2d }

  /// The sites; the scanners of `fets23` are drawn from the seed, the others are fixed.
  package func sites(seed: UInt64) -> [SiteProfile] {
    switch self {
    case .demo: Profile.demoSites
    case .fets23: Profile.federatedTumourSites(seed: seed)
    case .slices2d: Profile.sliceSites
    }
  }
}
