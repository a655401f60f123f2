import FederationProtocol

/// A connection that lets everything through to the site but requests to train in a round; fine-tuning goes through too, what
/// comes of that stays at the site.
protocol TrainingInterceptor: WatchedConnection {
  var base: any SiteConnection { get }
  var codec: EnvelopeCodec { get }

  /// The sealed answer to a request to train; `message` is the request as it was sent.
  func train(
    _ request: WireTrainRequest, round: Int, message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8]
}

extension TrainingInterceptor {
  package var site: String { base.site }

  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    guard case .train(let request) = request, !request.fineTune else {
      return try await base.exchange(message, started: started)
    }
    return try await train(request, round: round, message: message, started: started)
  }
}
