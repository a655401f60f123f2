import Synchronization

/// Bytes of messages of one kind.
package struct KindTraffic: Sendable, Equatable, Codable {
  package let kind: WireKind
  package var messages = 0
  package var bytes = 0
}

/// All that the wire carried to and from one site, in bytes of whole envelopes.
package struct SiteTraffic: Sendable, Equatable, Codable {
  package let site: String
  /// From the coordinator to the site.
  package var down = 0
  /// From the site to the coordinator.
  package var up = 0
  /// By kind of message, in the order of the protocol's numbers.
  package var kinds: [KindTraffic] = []
  /// What of it the model's tensors took, in their order; nil: nothing, or an earlier release's.
  package var tensorsDown: [Int]?
  package var tensorsUp: [Int]?

  package init(site: String, down: Int = 0, up: Int = 0) {
    self.site = site
    self.down = down
    self.up = up
  }

  package var total: Int { down + up }

  mutating func count(_ kind: WireKind, bytes: Int) {
    let index: Int
    if let known = kinds.firstIndex(where: { $0.kind == kind }) {
      index = known
    } else {
      index = kinds.firstIndex { $0.kind.rawValue > kind.rawValue } ?? kinds.count
      kinds.insert(KindTraffic(kind: kind), at: index)
    }
    kinds[index].messages += 1
    kinds[index].bytes += bytes
  }
}

/// Counts the bytes of every message of a run, so that the bandwidth it reports is what was sent.
package final class TrafficMeter: Sendable {
  private let sites = Mutex<[String: SiteTraffic]>([:])

  package init() {}

  /// What was counted so far, in order of the sites' names.
  package func snapshot() -> [SiteTraffic] {
    sites.withLock { $0.values.sorted { $0.site < $1.site } }
  }

  /// What one site exchanged so far.
  package func traffic(of site: String) -> SiteTraffic {
    sites.withLock { $0[site] ?? SiteTraffic(site: site) }
  }

  /// Counts on from what an earlier process had counted.
  package func restore(_ traffic: [SiteTraffic]) {
    sites.withLock { $0 = Dictionary(traffic.map { ($0.site, $0) }) { first, _ in first } }
  }

  /// Counts what each of a model's tensors takes of a message to a site, which is counted as a whole as it goes.
  package func countDown(tensors: [Int], site: String) { count(tensors, site, \.tensorsDown) }

  /// The same of a message from a site.
  package func countUp(tensors: [Int], site: String) { count(tensors, site, \.tensorsUp) }

  private func count(
    _ tensors: [Int], _ site: String, _ path: WritableKeyPath<SiteTraffic, [Int]?> & Sendable
  ) {
    sites.withLock { sites in
      var traffic = sites[site] ?? SiteTraffic(site: site)
      let before = traffic[keyPath: path] ?? tensors.map { _ in 0 }
      traffic[keyPath: path] = zip(before, tensors).map { $0 + $1 }
      sites[site] = traffic
    }
  }

  func countDown(_ message: [UInt8], site: String) {
    count(message, site) { $0.down += message.count }
  }

  func countUp(_ message: [UInt8], site: String) {
    count(message, site) { $0.up += message.count }
  }

  private func count(_ message: [UInt8], _ site: String, _ add: (inout SiteTraffic) -> Void) {
    // A message that is no envelope was carried all the same: it counts as of unspecified kind.
    let kind = (try? WireEnvelope(serializedBytes: message))?.kind ?? .unspecified
    sites.withLock { sites in
      var traffic = sites[site] ?? SiteTraffic(site: site)
      add(&traffic)
      traffic.count(kind, bytes: message.count)
      sites[site] = traffic
    }
  }
}

/// A connection whose messages are counted, both ways and also when the answer is refused later.
package struct MeteredConnection: WatchedConnection {
  private let base: any SiteConnection
  private let meter: TrafficMeter

  package init(_ base: any SiteConnection, meter: TrafficMeter) {
    self.base = base
    self.meter = meter
  }

  package var site: String { base.site }

  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    meter.countDown(message, site: site)
    let answer = try await base.exchange(message, started: started)
    meter.countUp(answer, site: site)
    return answer
  }
}

/// A kind is written as its number in the protocol.
extension WireKind: Codable {
  package init(from decoder: any Decoder) throws {
    self = try WireKind(rawValue: decoder.singleValueContainer().decode(Int.self)) ?? .unspecified
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
