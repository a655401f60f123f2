import Coordinator
import FederationProtocol
import Fingerprint
import Foundations
import Testing

/// A site that tells fixed statistics.
private struct ToldSite: SiteConnection {
  let site: String
  let fingerprint: WireSiteFingerprint
  let sizes: WireAxisCounts

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: testIdentity, site: site)
    switch try codec.openRequest(message) {
    case (let round, .fingerprint): return try codec.seal(fingerprint, round: round)
    case (let round, .sizes(let request)):
      var answer = WireSiteSizes()
      answer.sizes = request.spacing.isEmpty ? fingerprint.sizes : sizes
      return try codec.seal(answer, round: round)
    default: throw CancellationError()
    }
  }
}

@Suite struct FingerprintExchangeTests {
  private static func counts(_ values: [UInt32: UInt32]) -> [WireValueCount] {
    values.sorted { $0.key < $1.key }.map { value, cases in
      var count = WireValueCount()
      (count.value, count.cases) = (value, cases)
      return count
    }
  }

  private static func axes(_ values: [UInt32: UInt32]) -> WireAxisCounts {
    var axes = WireAxisCounts()
    (axes.x, axes.y, axes.z) = (counts(values), counts(values), counts(values))
    return axes
  }

  private static func fingerprint(_ sizes: [UInt32: UInt32]) -> WireSiteFingerprint {
    var answer = WireSiteFingerprint()
    answer.cases = sizes.values.reduce(0, +)
    answer.micrometres = axes([1000: answer.cases])
    answer.sizes = axes(sizes)
    answer.croppedPercent = counts([40: answer.cases])
    var label = WireLabelVolumes()
    (label.value, label.cases, label.voxels) = (1, answer.cases, 100)
    (label.millilitres, label.squaredMillilitres) = (2, 4)
    answer.labels = [label]
    var intensity = WireIntensityStatistics()
    (intensity.contrast, intensity.cases) = ("t1", answer.cases)
    (intensity.meanSum, intensity.squareSum) = (5 * Double(answer.cases), 26 * Double(answer.cases))
    intensity.bins = [Int32(IntensityBin.index(of: 4)), Int32(IntensityBin.index(of: 6))]
    intensity.shares = [Double(answer.cases) / 2, Double(answer.cases) / 2]
    answer.intensities = [intensity]
    return answer
  }

  private func exchange(
    _ sites: [ToldSite], meter: TrafficMeter = TrafficMeter(), stop: Bool = false
  ) -> FingerprintExchange {
    FingerprintExchange(
      identity: testIdentity, contrasts: ["t1"], sites: sites, meter: meter, shouldStop: { stop })
  }

  @Test func sitesAreAddedUp() async throws {
    let meter = TrafficMeter()
    let exchange = exchange(
      [
        ToldSite(site: "b", fingerprint: Self.fingerprint([10: 2]), sizes: Self.axes([5: 2])),
        ToldSite(site: "a", fingerprint: Self.fingerprint([10: 1, 30: 4]), sizes: Self.axes([5: 1, 15: 4])),
      ], meter: meter)
    let statistics = try await exchange.statistics()
    #expect(statistics.cases == 7 && statistics.sizes.x == ValueCounts([10, 10, 10, 30, 30, 30, 30]))
    #expect(statistics.micrometres.z.entries == [.init(value: 1000, cases: 7)])
    #expect(statistics.labels.map(\.voxels) == [200] && statistics.labels[0].cases == 7)
    let summary = try #require(statistics.intensities[0].summary)
    #expect(summary.mean == 5 && summary.deviation == 1)
    #expect(try await exchange.sizes(at: SIMD3(2, 2, 2)).y == ValueCounts([5, 5, 5, 15, 15, 15, 15]))
    #expect(try await exchange.sizes(at: nil).y == statistics.sizes.y)
    #expect(meter.snapshot().map(\.site) == ["a", "b"])
    #expect(
      meter.snapshot()[0].kinds.map(\.kind) == [
        .fingerprintRequest, .siteFingerprint, .sizesRequest, .siteSizes,
      ])
    await #expect(throws: CancellationError.self) {
      try await self.exchange(
        [ToldSite(site: "a", fingerprint: Self.fingerprint([10: 1]), sizes: Self.axes([5: 1]))], stop: true
      ).statistics()
    }
  }

  /// Answers that no cases can have.
  private static let faults: [(String, @Sendable (inout WireSiteFingerprint) -> Void)] = [
    ("another contrast", { $0.intensities[0].contrast = "t2" }),
    ("sizes of too few", { $0.sizes.y = [] }),
    ("spacings of too many", { $0.micrometres.x[0].cases += 1 }),
    ("a crop above its scan", { $0.croppedPercent[0].value = 101 }),
    ("labels out of order", { $0.labels += $0.labels }),
    ("background as a label", { $0.labels[0].value = 0 }),
    ("more cases of a label than cases", { $0.labels[0].cases = 9 }),
    ("an infinite volume", { $0.labels[0].millilitres = .infinity }),
    ("bins out of order", { $0.intensities[0].bins.reverse() }),
    ("a bin that is none", { $0.intensities[0].bins[1] = 1 << 20 }),
    ("a share below 0", { $0.intensities[0].shares = [3, -1] }),
    ("shares that are not all", { $0.intensities[0].shares = [1, 0.5] }),
    ("shares without bins", { $0.intensities[0].shares.append(1) }),
    ("a mean that is none", { $0.intensities[0].meanSum = .nan }),
  ]

  @Test(arguments: faults.map(\.0)) func impossibleAnswersAreRefused(fault: String) async throws {
    var fingerprint = Self.fingerprint([10: 2])
    try #require(Self.faults.first { $0.0 == fault }).1(&fingerprint)
    let site = ToldSite(site: "a", fingerprint: fingerprint, sizes: Self.axes([5: 2]))
    await #expect(throws: ProtocolError.self) { try await exchange([site]).statistics() }
  }

  @Test func sizesOfUnequallyManyAreRefused() async throws {
    var sizes = Self.axes([5: 2])
    sizes.z = []
    let site = ToldSite(site: "a", fingerprint: Self.fingerprint([10: 2]), sizes: sizes)
    await #expect(throws: ProtocolError.self) { try await exchange([site]).sizes(at: .one) }
  }
}
