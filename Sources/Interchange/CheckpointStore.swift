import Foundation
import Foundations

/// One owner's checkpoints in a folder: written whole, the newest two kept, read from the newest on.
package struct CheckpointStore: Sendable {
  package let folder: String
  package let owner: String
  package let runID: String
  /// Tells of a checkpoint that is passed over, in one line.
  private let warn: @Sendable (String) -> Void

  /// `folder` may not be there yet. Owners may share a folder.
  package init(
    folder: String, owner: String, runID: String, warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folder = folder
    self.owner = owner
    self.runID = runID
    self.warn = warn
  }

  /// Writes a checkpoint, then removes all but the two newest and `keeping`.
  ///
  /// Throws `FileError.notWritable`; the ones before are untouched then.
  package func write(
    _ tensors: [NamedTensor], state: some Encodable, at position: CheckpointPosition,
    keeping: [CheckpointPosition] = []
  ) throws {
    let path = path(position)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(state) else {
      throw FileError.notWritable(path: path, reason: "a number that is not finite")
    }
    try Folder.make(folder)
    let checkpoint = Checkpoint(owner: owner, runID: runID, position: position, tensors: tensors, state: text)
    try AtomicFile.write(checkpoint.encoded(), to: path)
    for old in positions().dropFirst(2) where old != position && !keeping.contains(old) { try remove(old) }
  }

  /// Where there are files of checkpoints, the newest first; nothing is known of their content yet.
  package func positions() -> [CheckpointPosition] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { position(of: $0) }.sorted(by: >)
  }

  /// The valid checkpoint at a position; nil after telling why it is none.
  ///
  /// Throws `InterchangeError.checkpointFromNewer`.
  package func read(_ position: CheckpointPosition) throws -> Checkpoint? {
    let path = path(position)
    do {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw InterchangeError.damagedCheckpoint(path: path, reason: "it cannot be read")
      }
      let checkpoint = try Checkpoint.decoded(bytes, path: path)
      func check(_ found: String, _ expected: String, _ field: String) throws {
        if found == expected { return }
        throw InterchangeError.damagedCheckpoint(
          path: path, reason: "its \(field) is \(found), expected \(expected)")
      }
      try check(checkpoint.owner, owner, "owner")
      try check(checkpoint.runID, runID, "run")
      try check("\(checkpoint.position)", "\(position)", "position")
      return checkpoint
    } catch InterchangeError.damagedCheckpoint(let path, let reason) {
      warn(InterchangeError.damagedCheckpoint(path: path, reason: reason).description)
      return nil
    }
  }

  /// Says why a checkpoint that is valid in itself is of no use all the same.
  package func skip(_ position: CheckpointPosition, reason: String) {
    warn(InterchangeError.damagedCheckpoint(path: path(position), reason: reason).description)
  }

  package func remove(_ position: CheckpointPosition) throws { try DurableFile.remove(path(position)) }

  /// Removes a folder of checkpoints once nothing depends on them any more. Throws `FileError.notWritable`.
  package static func removeAll(in folder: String) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() { try DurableFile.remove(folder + "/" + name) }
    rmdir(folder)
  }

  package func path(_ position: CheckpointPosition) -> String {
    var name = "\(owner)-round-\(Self.digits(position.round))"
    if let step = position.step { name += "-step-\(Self.digits(step))" }
    return "\(folder)/\(name).safetensors"
  }

  /// Six digits or more, so that listings stand in order.
  private static func digits(_ number: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, 6 - text.count)) + text
  }

  private func position(of name: String) -> CheckpointPosition? {
    let prefix = owner + "-round-"
    guard name.hasPrefix(prefix), name.hasSuffix(".safetensors") else { return nil }
    let middle = name.dropFirst(prefix.count).dropLast(".safetensors".count)
    let numbers = middle.replacing("-step-", with: " ").split(separator: " ").map { Int($0) }
    switch numbers.count {
    case 1: return numbers[0].map { CheckpointPosition(round: $0) }
    case 2:
      guard let round = numbers[0], let step = numbers[1] else { return nil }
      return CheckpointPosition(round: round, step: step)
    default: return nil
    }
  }
}
