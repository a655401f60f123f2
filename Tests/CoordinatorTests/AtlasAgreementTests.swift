import Coordinator
import FederationProtocol
import Foundations
import Synchronization
import Testing

/// A site that tells fixed sums of landmarks, and remembers what it was told.
private final class ToldSite: SiteConnection {
  let site: String
  private let answer: WireSiteLandmarks
  private let codec: EnvelopeCodec
  let told = Mutex<[WireAtlasNotice]>([])
  let asked = Mutex(0)

  init(_ site: String, scans: UInt64, sums: [Double], contrast: String = "t1") {
    self.site = site
    codec = EnvelopeCodec(identity: testIdentity, site: site)
    var landmarks = WireLandmarkSums()
    (landmarks.contrast, landmarks.scans, landmarks.sums) = (contrast, scans, sums)
    var answer = WireSiteLandmarks()
    answer.contrasts = [landmarks]
    self.answer = answer
  }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    switch try codec.openRequest(message) {
    case (let round, .landmarks):
      asked.withLock { $0 += 1 }
      return try codec.seal(answer, round: round)
    case (let round, .atlas(let notice)):
      told.withLock { $0.append(notice) }
      return try codec.seal(WireAtlasAccepted(), round: round)
    default: throw CancellationError()
    }
  }
}

@Suite struct AtlasAgreementTests {
  private func agreement(
    _ sites: [ToldSite], others: [ToldSite] = [], meter: TrafficMeter = TrafficMeter()
  ) -> AtlasAgreement {
    AtlasAgreement(
      identity: testIdentity, contrasts: ["t1"], contributors: sites, others: others, meter: meter,
      shouldStop: { false })
  }

  /// One scan at 1, 40, 100 and three whose mean is 1, 60, 100: the mean over the four scans.
  @Test func theAtlasIsTheMeanOverScans() async throws {
    let sites = [ToldSite("b", scans: 3, sums: [3, 180, 300]), ToldSite("a", scans: 1, sums: [1, 40, 100])]
    let other = ToldSite("held", scans: 9, sums: [])
    let meter = TrafficMeter()
    let atlas = try await agreement(sites, others: [other], meter: meter).run()
    #expect(atlas.scales == [.init(contrast: "t1", scans: 4, landmarks: [1, 55, 100])])
    for site in sites + [other] {
      #expect(site.told.withLock { $0.map { $0.contrasts.map(\.landmarks) } } == [[[1, 55, 100]]])
    }
    #expect(other.asked.withLock { $0 } == 0)
    let traffic = meter.snapshot()
    #expect(traffic.map(\.site) == ["a", "b", "held"])
    #expect(
      traffic[0].kinds.map(\.kind) == [.landmarksRequest, .siteLandmarks, .atlasNotice, .atlasAccepted])
    #expect(traffic.allSatisfy { $0.total < 2000 })
  }

  @Test func aContrastWithoutScansHasNoScale() async throws {
    let atlas = try await agreement([ToldSite("a", scans: 0, sums: [0, 0, 0])]).run()
    #expect(atlas.scales.isEmpty)
  }

  @Test(arguments: [
    (UInt64(2), [2.0, 90, 200], "t2"), (2, [2, 90], "t1"), (2, [2, 210, 200], "t1"),
    (2, [2, .nan, 200], "t1"),
    (2, [2, 90, 150], "t1"), (2, [0, 90, 200], "t1"), (2, [], "t1"),
  ])
  func sumsThatMakeNoScaleAreRefused(scans: UInt64, sums: [Double], contrast: String) async throws {
    let sites = [
      ToldSite("a", scans: 1, sums: [1, 40, 100]),
      ToldSite("b", scans: scans, sums: sums, contrast: contrast),
    ]
    await #expect(throws: ProtocolError.self) { try await agreement(sites).run() }
    #expect(sites[0].told.withLock { $0.isEmpty })
  }
}
