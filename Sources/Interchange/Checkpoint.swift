import Foundation
import Foundations

/// Where in a run a checkpoint was made: within a round of training, or behind a whole one.
package struct CheckpointPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// From 1.
  package let round: Int
  /// Steps of the round that are done; nil: the round is whole.
  package let step: Int?

  package init(round: Int, step: Int? = nil) {
    (self.round, self.step) = (round, step)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.round, left.step ?? .max) < (right.round, right.step ?? .max)
  }

  package var description: String { step.map { "round \(round), step \($0)" } ?? "round \(round)" }
}

/// All that the rest of a run depends on, as one part of the run knows it at one moment.
///
/// A file is safetensors, so other tools can look into it. Its metadata: `format`, `schema_version`, `owner`, `run_id`,
/// `round`, `step`, `state` (JSON), and `sha256`: the digest of the whole file with zeros in the digest's own place.
package struct Checkpoint: Sendable, Equatable {
  /// Newer ones are refused.
  package static let schemaVersion = 1

  /// Whose it is, such as `coordinator`.
  package let owner: String
  package let runID: String
  package let position: CheckpointPosition
  package let tensors: [NamedTensor]
  /// What is no tensor, as JSON.
  package let state: Data

  package init(
    owner: String, runID: String, position: CheckpointPosition, tensors: [NamedTensor], state: Data
  ) {
    self.owner = owner
    self.runID = runID
    self.position = position
    self.tensors = tensors
    self.state = state
  }

  private static let format = "segfed-checkpoint"
  private static let noDigest = String(repeating: "0", count: 64)

  /// The whole file's bytes.
  package func encoded() -> Data {
    var metadata = [
      "format": Self.format, "schema_version": "\(Self.schemaVersion)", "owner": owner, "run_id": runID,
      "round": "\(position.round)", "state": String(decoding: state, as: UTF8.self),
      "sha256": Self.noDigest,
    ]
    metadata["step"] = position.step.map { "\($0)" }
    var bytes = SafetensorsFile(tensors: tensors, metadata: metadata).encoded()
    guard let place = Self.digestPlace(in: bytes) else {
      preconditionFailure("the digest's place is missing")
    }
    bytes.replaceSubrange(place, with: Data(Digest.sha256Hex(bytes).utf8))
    return bytes
  }

  /// Checks and reads a file's bytes; `path` names it in errors.
  ///
  /// Throws `InterchangeError.checkpointFromNewer`, and for whatever else is wrong `.damagedCheckpoint`.
  package static func decoded(_ bytes: Data, path: String) throws -> Checkpoint {
    func damaged(_ reason: String) -> InterchangeError { .damagedCheckpoint(path: path, reason: reason) }
    let file: SafetensorsFile
    do {
      file = try SafetensorsReader(path: path, bytes: bytes).file()
    } catch let error as InterchangeError {
      throw damaged(error.reason)
    }
    let metadata = file.metadata
    guard metadata["format"] == format else { throw damaged("it is no checkpoint of segfed") }
    let version = metadata["schema_version"].flatMap { Int($0) }
    if let version, version > schemaVersion {
      throw InterchangeError.checkpointFromNewer(path: path, found: version, expected: schemaVersion)
    }
    guard let place = digestPlace(in: bytes), let stated = metadata["sha256"] else {
      throw damaged("it has no sha256")
    }
    let start = bytes.startIndex
    let found = Digest.hex(
      Digest.sha256(pieces: [
        bytes[start..<place.lowerBound], Data(noDigest.utf8), bytes[place.upperBound...],
      ]))
    guard found == stated else { throw damaged("its content's SHA-256 is not the one that it states") }
    guard version == schemaVersion, let owner = metadata["owner"], let runID = metadata["run_id"],
      let round = metadata["round"].flatMap({ Int($0) }), let state = metadata["state"]
    else { throw damaged("fields are missing") }
    return Checkpoint(
      owner: owner, runID: runID,
      position: CheckpointPosition(round: round, step: metadata["step"].flatMap { Int($0) }),
      tensors: file.tensors, state: Data(state.utf8))
  }

  /// The 64 digits behind the header's `"sha256":"`; no text in the header can hold that, since its quotes are escaped.
  private static func digestPlace(in bytes: Data) -> Range<Data.Index>? {
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let first = bytes.startIndex + 8
    let header = first..<min(bytes.endIndex, first + length)
    guard let key = bytes.range(of: Data("\"sha256\":\"".utf8), in: header) else { return nil }
    let end = key.upperBound + noDigest.utf8.count
    return end <= header.upperBound ? key.upperBound..<end : nil
  }
}
