import Foundations

/// What a site tells of its scans for one contrast's scale: how many, and the sum of their stretched landmarks. No scan,
/// no histogram and no single scan's landmarks are in it.
package struct LandmarkSums: Sendable, Equatable {
  package let contrast: String
  package private(set) var scans = 0
  /// One for each of `IntensityLandmarks.percents`.
  package private(set) var sums = [Double](repeating: 0, count: IntensityLandmarks.percents.count)

  package init(contrast: String) { self.contrast = contrast }

  /// What came from elsewhere.
  package init(contrast: String, scans: Int, sums: [Double]) {
    precondition(sums.count == IntensityLandmarks.percents.count, "there is a sum for every landmark")
    self.contrast = contrast
    self.scans = scans
    self.sums = sums
  }

  /// Adds a scan.
  package mutating func add(_ landmarks: IntensityLandmarks) {
    scans += 1
    for (index, value) in landmarks.standardised.enumerated() { sums[index] += value }
  }

  /// Adds another site's.
  package mutating func add(_ other: LandmarkSums) {
    precondition(other.contrast == contrast, "sums of one contrast are added")
    scans += other.scans
    for index in sums.indices { sums[index] += other.sums[index] }
  }

  /// The mean of all scans' landmarks; nil without a scan.
  package var scale: IntensityScale? {
    scans > 0 ? IntensityScale(landmarks: sums.map { $0 / Double(scans) }) : nil
  }
}

/// Standard scales that sites agree on without a scan leaving any of them (Nyúl & Udupa's, federated): the mean over
/// all sites' scans follows from counts and sums alone.
package struct IntensityAtlas: Sendable, Equatable, Codable {
  package static let schemaVersion = 1

  package struct Contrast: Sendable, Equatable, Codable {
    package let name: String
    package let scale: IntensityScale
    /// Scans that the scale is the mean of.
    package let scans: Int
  }

  package let schemaVersion: Int
  /// By name.
  package let contrasts: [Contrast]

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case contrasts
  }

  /// Adds up what sites told, in the order given; contrasts that no site has a scan of are left out.
  package init(merging sites: [[LandmarkSums]]) {
    var merged: [String: LandmarkSums] = [:]
    for sums in sites.joined() {
      merged[sums.contrast, default: LandmarkSums(contrast: sums.contrast)].add(sums)
    }
    schemaVersion = Self.schemaVersion
    contrasts = merged.keys.sorted().compactMap { name in
      merged[name].flatMap { sums in
        sums.scale.map { Contrast(name: name, scale: $0, scans: sums.scans) }
      }
    }
  }

  /// A contrast's scale; nil where the atlas has none.
  package func scale(of contrast: String) -> IntensityScale? {
    contrasts.first { $0.name == contrast }?.scale
  }
}
