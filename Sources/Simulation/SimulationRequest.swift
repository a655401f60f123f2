import Foundations
import Imaging

/// What to simulate and where to put it.
package struct SimulationRequest: Sendable, Equatable {
  /// `test` makes fresh cases of the same sites: same scanners, same kind of patients, other heads.
  package enum Split: String, Sendable, CaseIterable { case train, test }

  /// Which voxels scans have.
  package enum Grid: Sendable, Equatable {
    /// Each site's own.
    case profile
    /// 240×240×155 at 1 mm, LPS.
    case brats
    /// Isotropic voxels of this size in mm, in each site's orientation.
    case spacing(Double)
    /// Voxels along right, anterior and superior, and their size in mm.
    case custom(size: SIMD3<Int>, spacing: SIMD3<Double>)
  }

  package var profile: Profile
  package var seed: UInt64
  /// The folder to make.
  package var output: String
  /// Only the profile's first sites.
  package var siteCount: Int?
  /// The same number of cases at every site instead of the profile's.
  package var casesPerSite: Int?
  package var split: Split
  /// Factor on the profile's case counts, rounded, 1 or more left.
  package var scale: Double
  package var grid: Grid
  package var threads: Int
  /// Replaces the sites of an earlier run.
  package var force: Bool

  package init(
    profile: Profile = .demo, seed: UInt64 = 1, output: String, siteCount: Int? = nil,
    casesPerSite: Int? = nil,
    split: Split = .train, scale: Double = 1, grid: Grid = .profile, threads: Int = 2,
    force: Bool = false
  ) {
    self.profile = profile
    self.seed = seed
    self.output = output
    self.siteCount = siteCount
    self.casesPerSite = casesPerSite
    self.split = split
    self.scale = scale
    self.grid = grid
    self.threads = threads
    self.force = force
  }

  /// The sites with the request's case counts and voxels.
  package func sites() -> [SiteProfile] {
    profile.sites(seed: seed).prefix(siteCount ?? .max).map { site in
      var result = site
      result.cases = casesPerSite ?? max(1, Int((Double(site.cases) * scale).rounded()))
      switch grid {
      case .profile: break
      case .brats:
        result.scanner.spacing = .one
        result.scanner.orientation = "LPS"
        result.scanner.tilt = 0
      case .spacing(let size): result.scanner.spacing = SIMD3(repeating: size)
      case .custom(_, let spacing): result.scanner.spacing = spacing
      }
      return result
    }
  }

  /// Voxels along right, anterior and superior at a site.
  func size(of scanner: Scanner) -> SIMD3<Int> {
    if case .custom(let size, _) = grid { return size }
    if grid == .brats || (grid == .profile && profile == .fets23) { return SIMD3(240, 240, 155) }
    // Room for every head, in even numbers.
    let extent = SIMD3<Double>(162, 196, 168)
    var size = SIMD3<Int>.zero
    for axis in 0..<3 { size[axis] = 2 * Int((extent[axis] / scanner.spacing[axis] / 2).rounded(.up)) }
    return size
  }

  /// Throws `SimulationError` where a number makes no sense.
  func validate() throws {
    precondition(threads >= 1, "at least one thread")
    if let casesPerSite, casesPerSite < 1 { throw SimulationError.caseCount(found: casesPerSite) }
    guard scale > 0 && scale <= 1 else { throw SimulationError.scale(found: scale) }
    for site in sites() {
      let spacing = site.scanner.spacing
      for axis in 0..<3 where !(spacing[axis] >= 0.5 && spacing[axis] <= 20) {
        throw SimulationError.grid(
          field: "spacing", found: "\(spacing[axis]) mm", expected: "0.5 to 20 mm")
      }
      let size = size(of: site.scanner)
      for axis in 0..<3 where !(8...1024).contains(size[axis]) {
        throw SimulationError.grid(field: "size", found: "\(size[axis])", expected: "8 to 1024 voxels")
      }
    }
  }
}

/// What was made.
package struct SimulationSummary: Sendable, Equatable {
  package struct Site: Sendable, Equatable {
    package let name: String
    package let cases: Int
  }
  package let sites: [Site]
  /// Bytes of all scans and label maps on disk.
  package let bytes: Int

  package var cases: Int { sites.reduce(0) { $0 + $1.cases } }
}
