import Foundation
import Foundations
import Interchange

/// The coordinator's half of a run folder: `rounds.jsonl`, `model.safetensors`, and `checkpoints` while the run goes on.
///
/// Nothing in it comes from one case: it stays whole if the sites' half is deleted.
package struct CoordinatorFolder: Sendable {
  package let path: String
  package let journal: RunJournal
  /// Written into the model file beside `schema_version`, `run_id`, `plan_digest` and `round`.
  package let modelMetadata: [String: String]
  let checkpoints: CheckpointStore
  /// Whether an earlier process may have left something to go on from.
  let isResumed: Bool

  package var modelPath: String { path + "/model.safetensors" }

  /// Makes the folder and starts its journal, or goes on with what a killed run left there if it is `resuming`.
  ///
  /// `warn` is told of checkpoints that are passed over.
  /// Throws `FileError.alreadyExists` if a journal is there, `.notWritable` if the disk refuses, and when resuming
  /// `CoordinatorError.otherJournal`.
  package static func open(
    path: String, header: JournalHeader, modelMetadata: [String: String] = [:], resuming: Bool = false,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> CoordinatorFolder {
    try Folder.make(path)
    let file = path + "/rounds.jsonl"
    let journal =
      try resuming
      ? RunJournal.resume(path: file, header: header) : RunJournal.create(path: file, header: header)
    return CoordinatorFolder(
      path: path, journal: journal, modelMetadata: modelMetadata,
      checkpoints: CheckpointStore(
        folder: path + "/checkpoints", owner: "coordinator", runID: header.runID, warn: warn),
      isResumed: resuming)
  }

  /// Replaces the model file, atomically. Throws `FileError.notWritable`.
  package func write(_ model: ModelState, round: Int, settings: FederationSettings) throws {
    var metadata = modelMetadata
    metadata["schema_version"] = "1"
    metadata["run_id"] = settings.identity.runID
    metadata["plan_digest"] = Digest.hex(settings.identity.planDigest)
    metadata["round"] = "\(round)"
    try SafetensorsFile(tensors: model.tensors, metadata: metadata).write(to: modelPath)
  }
}
