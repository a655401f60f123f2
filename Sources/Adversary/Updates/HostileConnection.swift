import FederationProtocol

/// A site whose updates are changed on their way: it trains honestly, and what it tells beside the update stays true.
package struct HostileConnection: TrainingInterceptor {
  let base: any SiteConnection
  let codec: EnvelopeCodec
  private let seed: UInt64
  private let change: UpdateChange

  package init(
    _ base: any SiteConnection, identity: RunIdentity, seed: UInt64, change: UpdateChange
  ) {
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
    self.seed = seed
    self.change = change
  }

  func train(
    _ request: WireTrainRequest, round: Int, message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let answer = try await base.exchange(message, started: started)
    var update: WireModelUpdate
    do {
      update = try codec.open(answer, as: WireModelUpdate.self, round: round)
    } catch let error as ProtocolError where error.isRefusal {
      return answer
    }
    let ranges = request.model.tensorRanges
    let honest = try update.delta.values(expecting: ranges, site: site, round: round)
    update.delta = WireWeights(
      ranges: ranges, values: change.changed(honest, site: site, round: round, seed: seed))
    return try codec.seal(update, round: round)
  }
}

extension ProtocolError {
  /// Whether the site answered that it does not serve the request.
  var isRefusal: Bool { refusal(by: nil) != nil }

  /// The refusal that one site answers with where another, which it depends on, refused; nil for any other error.
  func refusal(by other: String?) -> WireRefusal? {
    let front = other.map { "\($0), which is hostile too: " } ?? ""
    switch self {
    case .refused(_, _, let interrupted, let reason):
      return WireRefusal(front + reason, code: interrupted ? .interrupted : .cannotServe)
    case .stateLost(_, _, let reason): return WireRefusal(front + reason, code: .stateLost)
    case .modelLost(_, _, let reason): return WireRefusal(front + reason, code: .modelLost)
    default: return nil
    }
  }

  /// Whose answer it is about.
  var site: String {
    switch self {
    case .mismatch(let site, _, _, _, _), .undecodable(let site, _, _), .refused(let site, _, _, _),
      .stateLost(let site, _, _), .modelLost(let site, _, _):
      site
    }
  }
}
