import FederationProtocol
import Testing

private struct Echo: SiteConnection {
  let site: String
  let answer: [UInt8]
  func exchange(_ message: [UInt8]) async throws -> [UInt8] { answer }
}

private struct Broken: SiteConnection, Error {
  let site = "B"
  func exchange(_ message: [UInt8]) async throws -> [UInt8] { throw self }
}

struct TrafficMeterTests {
  @Test func countsWholeMessagesPerSiteAndKind() async throws {
    let identity = RunIdentity(runID: "r", planDigest: [], studyDigest: [])
    let codec = EnvelopeCodec(identity: identity, site: "A")
    let request = try codec.seal(WireDescribeRequest(), round: 0)
    var description = WireSiteDescription()
    description.contrasts = ["t1", "flair"]
    let answer = try codec.seal(description, round: 0)
    let meter = TrafficMeter()
    let connection = MeteredConnection(Echo(site: "A", answer: answer), meter: meter)
    for _ in 0..<3 { _ = try await connection.exchange(request) }
    _ = try await MeteredConnection(Echo(site: "0", answer: [9]), meter: meter).exchange([1, 2, 3])

    let traffic = meter.snapshot()
    #expect(traffic.map(\.site) == ["0", "A"])
    #expect(traffic[0].down == 3 && traffic[0].up == 1 && traffic[0].total == 4)
    #expect(traffic[1].down == 3 * request.count && traffic[1].up == 3 * answer.count)
    #expect(traffic[1].kinds.map(\.kind) == [.describeRequest, .siteDescription])
    #expect(traffic[1].kinds.map(\.messages) == [3, 3])
    #expect(traffic[1].kinds.map(\.bytes) == [3 * request.count, 3 * answer.count])
    #expect(traffic[0].kinds.map(\.kind) == [.unspecified])
  }

  @Test func whatWasSentCountsAlsoWithoutAnAnswer() async {
    let meter = TrafficMeter()
    await #expect(throws: Broken.self) {
      _ = try await MeteredConnection(Broken(), meter: meter).exchange([1, 2])
    }
    #expect(meter.traffic(of: "B").down == 2)
    #expect(meter.traffic(of: "B").up == 0)
  }
}
