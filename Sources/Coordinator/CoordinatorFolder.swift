import Foundation
import Foundations
import Interchange

/// The coordinator's half of a run folder: `rounds.jsonl` and `model.safetensors`.
///
/// Nothing in it comes from one case: it stays whole if the sites' half is deleted.
package struct CoordinatorFolder: Sendable {
  package let path: String
  package let journal: RunJournal
  /// Written into the model file beside `schema_version`, `run_id`, `plan_digest` and `round`.
  package let modelMetadata: [String: String]

  package var modelPath: String { path + "/model.safetensors" }

  /// Makes the folder and starts its journal.
  ///
  /// Throws `FileError.alreadyExists` if a journal is there, `.notWritable` if the disk refuses.
  package static func create(
    path: String, header: JournalHeader, modelMetadata: [String: String] = [:]
  ) throws -> CoordinatorFolder {
    try Folder.make(path)
    let journal = try RunJournal.create(path: path + "/rounds.jsonl", header: header)
    return CoordinatorFolder(path: path, journal: journal, modelMetadata: modelMetadata)
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
