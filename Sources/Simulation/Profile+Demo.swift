import Imaging

extension Profile {
  /// Six sites that differ in field strength, sequences, voxels, orientation, file type and patients.
  static let demoSites: [SiteProfile] = [
    SiteProfile(
      name: "aspen",
      scanner: Scanner(
        fieldStrength: 3, spacing: [3, 3, 3], noise: 0.03, biasField: 0.15, whiteLevel: 320),
      mix: TumourMix(smallest: 45, largest: 140, enhancingShare: 0.9), cases: 8),
    SiteProfile(
      name: "birch",
      scanner: Scanner(
        fieldStrength: 1.5,
        protocols: Protocols(
          t1: (1.12, 1), t1ce: (1.1, 1.1), t2: (0.88, 0.9), flair: (0.9, 0.86), offNull: 1.02),
        spacing: [2.4, 2.4, 5], orientation: "LPS", noise: 0.05, biasField: 0.3, pointSpread: 1.2,
        headerForm: .sform, whiteLevel: 210),
      mix: TumourMix(smallest: 25, largest: 110, enhancingShare: 0.8), cases: 7),
    SiteProfile(
      name: "cedar",
      scanner: Scanner(
        fieldStrength: 3,
        protocols: Protocols(
          t1: (0.88, 1.1), t1ce: (0.9, 1), t2: (1.12, 1.14), flair: (1.1, 1.15), offNull: 0.98),
        spacing: [2.8, 2.8, 2.8], orientation: "LAS", noise: 0.04, biasField: 0.2, headerForm: .qform,
        dataType: .uint8, slope: 4, whiteLevel: 300),
      mix: TumourMix(smallest: 20, largest: 90, enhancingShare: 0.15), cases: 7),
    SiteProfile(
      name: "hazel",
      scanner: Scanner(
        fieldStrength: 1.5,
        protocols: Protocols(t1: (1.15, 0.9), t2: (0.86, 1.1), flair: (0.85, 1.08), offNull: 0.97),
        spacing: [2.6, 5, 2.6], orientation: "PIR", noise: 0.05, biasField: 0.35, pointSpread: 1.1,
        headerForm: .qform, dataType: .uint16, whiteLevel: 420),
      mix: TumourMix(smallest: 30, largest: 130, enhancingShare: 0.7), cases: 6),
    SiteProfile(
      name: "linden",
      scanner: Scanner(
        fieldStrength: 3,
        protocols: Protocols(t1: (0.95, 1), t1ce: (1.08, 0.9), t2: (1.05, 0.86), flair: (1.15, 0.85)),
        spacing: [3, 3, 3], tilt: 9, noise: 0.025, biasField: 0.25, headerForm: .both,
        dataType: .float32, whiteLevel: 120),
      mix: TumourMix(smallest: 16, largest: 45, enhancingShare: 0.6), cases: 6),
    SiteProfile(
      name: "rowan",
      scanner: Scanner(
        fieldStrength: 1.5,
        protocols: Protocols(
          t1: (0.86, 1.15), t1ce: (0.88, 1.1), t2: (1.15, 0.92), flair: (1.02, 0.9), offNull: 1.03),
        spacing: [4.5, 2.6, 2.6], orientation: "ASL", noise: 0.06, biasField: 0.4, pointSpread: 1.3,
        headerForm: .sform, slope: 0.5, whiteLevel: 90),
      mix: TumourMix(smallest: 35, largest: 150, enhancingShare: 0.95), cases: 6),
  ]

  /// The demo's scanners with in-plane voxels of 1.5 mm, for slices.
  static var sliceSites: [SiteProfile] {
    demoSites.map { site in
      var result = site
      // A picture has no header: rows run to the back, as in a viewer.
      result.scanner.orientation = "LPS"
      result.scanner.tilt = 0
      result.scanner.spacing = [1.5, 1.5, site.scanner.spacing.max()]
      result.scanner.slope = 1
      result.scanner.dataType = site.scanner.dataType == .uint8 ? .uint8 : .uint16
      if result.scanner.dataType == .uint8 { result.scanner.whiteLevel = 70 }
      result.cases = 2 * site.cases
      return result
    }
  }
}
