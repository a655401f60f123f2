import Foundation
import Foundations
import Interchange

/// A round's updates as they were averaged, with the model that they start from.
package struct KeptRound: Sendable {
  package struct Update: Sendable {
    package let site: String
    /// Its share in the mean is this over the sum of all.
    package let weight: Double
    package let values: [Float]
  }

  package let start: [Float]
  /// In the order of the sites' names.
  package let updates: [Update]

  /// The model that the updates of some sites alone make, each a bit of `coalition`; of none the start.
  package func model(_ coalition: UInt64) -> [Float] {
    let chosen = updates.indices.filter { coalition >> UInt64($0) & 1 == 1 }.map { updates[$0] }
    let total = chosen.reduce(0.0) { $0 + $1.weight }
    guard total > 0 else { return start }
    var sums = [Double](repeating: 0, count: start.count)
    for update in chosen {
      let share = update.weight / total
      for index in sums.indices { sums[index] += share * Double(update.values[index]) }
    }
    return zip(start, sums).map { $0 + Float($1) }
  }
}

/// `kept` in the coordinator's folder: every round's updates, one file each (`--keep-updates`).
package struct KeptUpdates: Sendable {
  private let folder: String
  private static let weight = "weight"

  /// `coordinator` is the coordinator's folder of a run.
  package init(coordinator: String) { folder = coordinator + "/kept" }

  private func path(_ round: Int) -> String {
    let digits = "\(round)"
    return "\(folder)/round-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
  }

  /// Keeps a round, in place of what an earlier try left. Throws `FileError.notWritable`.
  func write(
    _ trained: TrainedRound, weights: [Double], from start: ModelState, spool: UpdateSpool, round: Int
  ) throws {
    let path = path(round)
    try? FileManager.default.removeItem(atPath: path)
    try Folder.make(path)
    try write(start.values, to: path + "/model.safetensors")
    try Folder.make(path + "/sites")
    for (update, weight) in zip(trained.updates, weights) {
      try write(
        try spool.update(update.index), to: "\(path)/sites/\(update.facts.site).safetensors", weight: weight)
    }
  }

  private func write(_ values: [Float], to path: String, weight: Double? = nil) throws {
    let tensor = NamedTensor(name: "values", shape: [values.count], values: values)
    let metadata = weight.map { [Self.weight: "\($0)"] } ?? [:]
    try SafetensorsFile(tensors: [tensor], metadata: metadata).write(to: path)
  }

  /// Whether there is anything of a round.
  package func has(_ round: Int) -> Bool { Folder.exists(path(round)) }

  /// A round's updates; nil where there are none of it. Throws `FileError.unreadable`, and what reading safetensors throws.
  package func round(_ round: Int, count: Int) throws -> KeptRound? {
    guard has(round) else { return nil }
    let path = path(round)
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path + "/sites")) ?? []).sorted()
    let updates = try names.filter { $0.hasSuffix(".safetensors") }.map { name in
      let (values, weight) = try read(path + "/sites/" + name, count: count)
      guard let weight else {
        throw FileError.unreadable(path: path + "/sites/" + name, reason: "it has no weight")
      }
      return KeptRound.Update(
        site: String(name.dropLast(".safetensors".count)), weight: weight, values: values)
    }
    return KeptRound(start: try read(path + "/model.safetensors", count: count).values, updates: updates)
  }

  private func read(_ path: String, count: Int) throws -> (values: [Float], weight: Double?) {
    let file = try SafetensorsFile.read(path)
    guard let values = file.tensors.first?.values, values.count == count else {
      throw FileError.unreadable(path: path, reason: "not the \(count) numbers of the run's network")
    }
    let weight = file.metadata[Self.weight].flatMap { Double($0) }
    return (values, weight.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil })
  }
}
