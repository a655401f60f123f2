import Foundations

/// What stops a federation apart from a message that does not fit (`ProtocolError`).
package enum CoordinatorError: DescribedError {
  case noTrainers
  /// Two connections lead to sites of one name.
  case duplicateSite(site: String, role: String)
  /// A site that shall train has no case to train on.
  case noTrainingCases(site: String)
  /// The best model on validation is asked for, but no site holds validation cases.
  case noValidationCases
  /// The averaged model has weights that are not finite.
  case modelNotFinite(round: Int, tensor: String)
  /// The strategy needs each site's update by itself, which this release does not keep.
  case unsupportedStrategy(name: String)
  /// The journal's first line is not this run's.
  case otherJournal(path: String)
  /// There are checkpoints, but none that can be gone on from.
  case noValidCheckpoint(folder: String, found: Int)
  /// The connection to a site broke.
  case siteUnreachable(site: String, round: Int, reason: String)

  package var description: String {
    switch self {
    case .noTrainers:
      "The federation has no site to train at. Give at least one site with training cases."
    case .duplicateSite(let site, let role):
      "Two sites to \(role) at are named \(site); names must differ. Rename one of them."
    case .noTrainingCases(let site):
      "Site \(site): cases to train on is 0, expected 1 or more. Add cases there, or hold the site out."
    case .noValidationCases:
      "No site holds validation cases, so no round can be called the best. Choose the last model and no "
        + "early_stopping, or give a site validation cases."
    case .modelNotFinite(let round, let tensor):
      "Round \(round): \(tensor) of the averaged model is not finite, expected finite numbers. "
        + "The updates are too large: lower the learning rate."
    case .unsupportedStrategy(let name):
      "Strategy \(name) needs individual updates, expected one that needs a weighted sum. Choose fedavg."
    case .otherJournal(let path):
      "\(path): the first line is not this run's, expected the same settings and numerics. "
        + "Resume with what the run was begun with, or begin again with --force."
    case .noValidCheckpoint(let folder, let found):
      "\(folder): found \(found) checkpoint\(found == 1 ? "" : "s"), none of which is valid, expected one. "
        + "Begin the run again with --force."
    case .siteUnreachable(let site, let round, let reason):
      "Site \(site), round \(round): no answer, expected one message (\(reason)). "
        + "Check that the site runs, and start again."
    }
  }
}
