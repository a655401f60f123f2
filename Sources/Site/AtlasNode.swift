import FederationProtocol
import Foundations
import Harmonization
import Imaging
import Training

/// A site before training, while the sites agree on an intensity atlas: tells counts and sums of its scans' landmarks, and is
/// told the atlas.
package actor AtlasNode: SiteConnection {
  package nonisolated let site: String
  private let cases: [CaseFiles]
  private let reading: CaseReading
  private let codec: EnvelopeCodec
  private let skipped: SkippedCases
  private let progress: ProgressLine?
  /// What the sites agreed on; nil until the site is told.
  package private(set) var atlas: IntensityAtlas?

  /// `cases` are those whose scans count: a site's training cases.
  package init(
    site: String, cases: [CaseFiles], reading: CaseReading, identity: RunIdentity, skipped: SkippedCases,
    progress: ProgressLine? = nil
  ) {
    self.site = site
    self.cases = cases
    self.reading = reading
    self.skipped = skipped
    self.progress = progress
    codec = EnvelopeCodec(identity: identity, site: site)
  }

  package func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    switch request {
    case .landmarks(let request): return try codec.seal(landmarks(request.contrasts), round: round)
    case .atlas(let notice):
      atlas = try IntensityAtlas(notice)
      return try codec.seal(WireAtlasAccepted(), round: round)
    case .describe, .train, .evaluate, .fingerprint, .sizes:
      return try codec.seal(WireRefusal("the sites have not agreed on an atlas yet"), round: round)
    }
  }

  private func landmarks(_ contrasts: [String]) throws -> WireSiteLandmarks {
    let told = try reading.forEach(cases) { index, loop -> [IntensityLandmarks]? in
      try Interruption.check(kept: "Nothing was written.")
      defer { progress?.advance(note: site) }
      return try skipped.attempt(site: site, name: cases[index].name) {
        let item = try ReadCase(
          cases[index], plan: reading.plan, policy: reading.policy, needsLabels: false, loop: loop)
        return try item.naming {
          try Harmonizer.landmarks(
            item.input, to: item.grid, settings: reading.plan.harmonisation, loop: loop)
        }
      }
    }.compactMap { $0 }
    var answer = WireSiteLandmarks()
    answer.contrasts = contrasts.map { contrast in
      var sums = LandmarkSums(contrast: contrast)
      if let index = reading.plan.contrasts.firstIndex(of: contrast) {
        for landmarks in told { sums.add(landmarks[index]) }
      }
      return WireLandmarkSums(sums)
    }
    return answer
  }
}

extension WireLandmarkSums {
  fileprivate init(_ sums: LandmarkSums) {
    self.init()
    contrast = sums.contrast
    scans = UInt64(sums.scans)
    self.sums = sums.sums
  }
}

extension IntensityAtlas {
  /// An atlas as it came over the wire. Throws `HarmonizationError.notAScale`.
  package init(_ notice: WireAtlasNotice) throws {
    self.init(
      contrasts: try notice.contrasts.map { scale in
        try Contrast(
          name: scale.contrast, scale: IntensityScale(checking: scale.landmarks, contrast: scale.contrast),
          scans: Int(clamping: scale.scans))
      })
  }
}
