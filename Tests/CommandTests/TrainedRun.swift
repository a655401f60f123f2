import TestSupport
import Testing

/// A run of one round on the tiny sites; read only.
struct TrainedRun {
  static let shared = Result { try TrainedRun() }

  private let folder: TemporaryFolder
  /// What the command said.
  let outcome: SegfedProcess.Outcome
  var path: String { folder.file("run") }

  private init() throws {
    folder = try TemporaryFolder()
    outcome = try TinySites.shared.get().train(output: folder.file("run"))
    try #require(outcome.code == 0, "\(outcome.errors)")
  }
}
