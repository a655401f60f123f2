import FederationProtocol

/// A site that takes part in nothing but the last test and fine-tuning: what the others come to without it.
///
/// Beside the real attacks it tells what honest work of the hostile sites would have been worth.
package struct AbsentSite: WatchedConnection {
  private let base: any SiteConnection
  private let codec: EnvelopeCodec

  package init(_ base: any SiteConnection, identity: RunIdentity) {
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
  }

  package var site: String { base.site }

  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    guard case .train(let request) = request, !request.fineTune else {
      return try await base.exchange(message, started: started)
    }
    started()
    return try codec.seal(WireRefusal("it takes no part", code: .cannotServe), round: round)
  }
}
