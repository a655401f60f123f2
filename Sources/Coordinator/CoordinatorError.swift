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
  /// The journal's first line is not this run's.
  case otherJournal(path: String)
  /// There are checkpoints, but none that can be gone on from.
  case noValidCheckpoint(folder: String, found: Int)
  /// Fewer sites than the quorum are left in a round.
  case quorumMissed(round: Int, found: Int, needed: Int, leftOut: [Absence])
  /// A site took longer than it may.
  case deadlineMissed(site: String, round: Int, seconds: Double)
  /// A site is still at work on what it was not waited for any longer.
  case siteBusy(site: String, round: Int, with: Int)
  /// The connection to a site broke.
  case siteUnreachable(site: String, round: Int, reason: String)
  /// A site has decoded another model than it was sent.
  case modelDiffers(site: String, round: Int, found: String, expected: String)

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
    case .otherJournal(let path):
      "\(path): the first line is not this run's, expected the same settings and numerics. "
        + "Resume with what the run was begun with, or begin again with --force."
    case .noValidCheckpoint(let folder, let found):
      "\(folder): found \(found) checkpoint\(found == 1 ? "" : "s"), none of which is valid, expected one. "
        + "Begin the run again with --force."
    case .quorumMissed(let round, let found, let needed, let leftOut):
      "Round \(round): \(found) site\(found == 1 ? "" : "s") can be averaged, expected \(needed) or more."
        + leftOut.prefix(3).map { " " + $0.reason }.joined()
        + (leftOut.count > 3 ? " \(leftOut.count - 3) more failed." : "")
    case .deadlineMissed(let site, let round, let seconds):
      "Site \(site), round \(round): no answer \(seconds) s after its work started, expected one by then "
        + "(--deadline)."
    case .siteBusy(let site, let round, let other):
      "Site \(site), round \(round): it is still at work for round \(other), expected it to be free."
    case .siteUnreachable(let site, let round, let reason):
      "Site \(site), round \(round): no answer, expected one message (\(reason)). "
        + "Check that the site runs, and start again."
    case .modelDiffers(let site, let round, let found, let expected):
      "Site \(site), round \(round): the digest of the decoded model is \(found.isEmpty ? "missing" : found.prefix(16) + "…"), "
        + "expected \(expected.prefix(16))…: the round is stopped. Use the same release of segfed on both sides and check that "
        + "machine's memory, or go on with --codec fp32."
    }
  }
}
