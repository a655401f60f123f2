import FederationProtocol

/// A site that takes part in nothing but the last test and fine-tuning: what the others come to without it.
///
/// Beside the real attacks it tells what honest work of the hostile sites would have been worth.
package struct AbsentSite: TrainingInterceptor {
  let base: any SiteConnection
  let codec: EnvelopeCodec

  package init(_ base: any SiteConnection, identity: RunIdentity) {
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
  }

  func train(
    _ request: WireTrainRequest, round: Int, message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    started()
    return try codec.seal(WireRefusal("it takes no part", code: .cannotServe), round: round)
  }
}
