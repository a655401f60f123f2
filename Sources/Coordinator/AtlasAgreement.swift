import FederationProtocol
import Foundations

/// An intensity atlas as the coordinator knows it: one scale for each contrast, the mean of all sites' scans' landmarks.
package struct AgreedAtlas: Sendable, Equatable {
  package struct Scale: Sendable, Equatable {
    package let contrast: String
    /// Scans that the scale is the mean of.
    package let scans: Int
    package let landmarks: [Double]

    package init(contrast: String, scans: Int, landmarks: [Double]) {
      (self.contrast, self.scans, self.landmarks) = (contrast, scans, landmarks)
    }
  }

  package let scales: [Scale]

  /// The mean over all scans from counts and sums alone, added up in the order given (Nyúl & Udupa's standard scale).
  ///
  /// `sites` hold the same contrasts with equally many landmarks; a contrast without a scan has no scale.
  static func merging(_ sites: [[WireLandmarkSums]]) -> AgreedAtlas {
    guard let first = sites.first else { return AgreedAtlas(scales: []) }
    return AgreedAtlas(
      scales: first.indices.compactMap { contrast in
        let scans = sites.reduce(0) { $0 + Int($1[contrast].scans) }
        if scans == 0 { return nil }
        var sums = [Double](repeating: 0, count: first[contrast].sums.count)
        for site in sites {
          for (index, sum) in site[contrast].sums.enumerated() { sums[index] += sum }
        }
        return Scale(
          contrast: first[contrast].contrast, scans: scans,
          // Nine decimals: an atlas is the same in every text form, also where that keeps fewer digits than Double has.
          landmarks: sums.map { ($0 / Double(scans) * 1e9).rounded() / 1e9 })
      })
  }

  var wire: WireAtlasNotice {
    var notice = WireAtlasNotice()
    notice.contrasts = scales.map { scale in
      var wire = WireContrastScale()
      wire.contrast = scale.contrast
      wire.scans = UInt64(scale.scans)
      wire.landmarks = scale.landmarks
      return wire
    }
    return notice
  }
}

/// How sites agree on an intensity atlas without a scan leaving any of them: each tells counts and sums, the coordinator adds
/// them up, and each is told the result.
package struct AtlasAgreement: Sendable {
  private let contrasts: [String]
  private let contributors: [SiteLink]
  private let others: [SiteLink]
  private let shouldStop: @Sendable () -> Bool

  /// `contributors` tell of their scans; `others` (held-out sites) are told the atlas only. Messages are counted in `meter`.
  package init(
    identity: RunIdentity, contrasts: [String], contributors: [any SiteConnection],
    others: [any SiteConnection],
    meter: TrafficMeter, shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) {
    self.contrasts = contrasts
    func links(_ sites: [any SiteConnection]) -> [SiteLink] {
      sites.map { SiteLink($0, identity: identity, meter: meter) }.sorted { $0.site < $1.site }
    }
    self.contributors = links(contributors)
    self.others = links(others)
    self.shouldStop = shouldStop
  }

  /// Sites are asked in the order of their names. Throws `ProtocolError`, `CoordinatorError`, and `CancellationError` where
  /// it was asked to stop.
  package func run() async throws -> AgreedAtlas {
    guard !contributors.isEmpty else { throw CoordinatorError.noTrainers }
    var told: [[WireLandmarkSums]] = []
    for link in contributors {
      if shouldStop() { throw CancellationError() }
      told.append(try await link.landmarks(of: contrasts, asMany: told.first?.first?.sums.count))
    }
    let atlas = AgreedAtlas.merging(told)
    for link in (contributors + others).sorted(by: { $0.site < $1.site }) { try await link.accept(atlas) }
    return atlas
  }
}

extension SiteLink {
  /// A site's sums, checked: the contrasts asked for, landmarks from 1 to 100 in ascending order.
  fileprivate func landmarks(of contrasts: [String], asMany count: Int?) async throws -> [WireLandmarkSums] {
    var request = WireLandmarksRequest()
    request.contrasts = contrasts
    let answer = try await ask(request, for: WireSiteLandmarks.self, round: 0).contrasts
    try check(
      .contrasts, 0, answer.map(\.contrast) == contrasts, answer.map(\.contrast).joined(separator: ", "),
      contrasts.joined(separator: ", "))
    let expected = count ?? answer.first?.sums.count ?? 0
    for sums in answer {
      try check(
        .landmarks, 0, sums.sums.count == expected && expected >= 2, "\(sums.sums.count) of them",
        "\(max(2, expected))")
      let scans = Double(sums.scans)
      let room = 1e-9 * scans * 100
      let isScale =
        zip(sums.sums, sums.sums.dropFirst()).allSatisfy { $0 <= $1 + room }
        && sums.sums.allSatisfy(\.isFinite)
        && abs(sums.sums[0] - scans) <= room && abs(sums.sums[expected - 1] - 100 * scans) <= room
      try check(
        .landmarks, 0, isScale, "sums over \(sums.scans) scans that are no scale",
        "ascending from 1 to 100 for each scan")
    }
    return answer
  }

  fileprivate func accept(_ atlas: AgreedAtlas) async throws {
    _ = try await ask(atlas.wire, for: WireAtlasAccepted.self, round: 0)
  }
}
