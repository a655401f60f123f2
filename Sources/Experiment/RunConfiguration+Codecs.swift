import FederationProtocol
import Site
import Training

extension RunConfiguration {
  /// Whether the weights that the run begins with follow from plan and seed.
  var startIsKnown: Bool { initialModel == nil }

  /// A site's connection with its end of the codecs in front, where the run has any; what that keeps lies in the folder of the site's
  /// checkpoints.
  func coded(
    _ connection: any SiteConnection, checkpoints folder: String, warn: @escaping @Sendable (String) -> Void
  ) -> any SiteConnection {
    if codecs == nil { return connection }
    let (layout, seed, startIsKnown) = (plan.architecture.parameterLayout, seed, startIsKnown)
    return CodedSite(
      connection, identity: identity, ranges: plan.tensorRanges, seed: seed,
      start: { startIsKnown ? layout.initialValues(seed: seed) : nil }, checkpoints: folder, warn: warn)
  }
}
