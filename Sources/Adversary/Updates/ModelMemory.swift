import Foundations
import Interchange

/// The last models that a site was sent, by round: in memory, or in its folder so that a resumed run goes on to the same bits.
package struct ModelMemory: Sendable {
  private let store: CheckpointStore?
  private var models: [Int: [Float]] = [:]

  /// One that ends with the process.
  package init() { store = nil }

  /// `folder` is that of the site's checkpoints, which goes when the run is whole.
  package init(folder: String, runID: String, warn: @escaping @Sendable (String) -> Void) {
    store = CheckpointStore(folder: folder, owner: "freerider", runID: runID, warn: warn)
  }

  /// The model of the last round before `round` that the site was asked in; nil where none is known.
  ///
  /// Throws `InterchangeError.checkpointFromNewer`.
  func last(before round: Int, count: Int) throws -> [Float]? {
    guard let store else { return models.filter { $0.key < round }.max { $0.key < $1.key }?.value }
    for position in store.positions() where position.round < round {
      let values = try store.read(position)?.tensors.first?.values
      if let values, values.count == count { return values }
    }
    return nil
  }

  /// Keeps a round's model and those of two rounds before it: a run may be resumed from an earlier one.
  ///
  /// Throws `FileError.notWritable`.
  mutating func keep(_ model: [Float], of round: Int) throws {
    guard let store else {
      models = models.filter { $0.key < round }
      models[round] = model
      while models.count > 3, let first = models.keys.min() { models[first] = nil }
      return
    }
    let positions = store.positions()
    for position in positions where position.round >= round { try store.remove(position) }
    let tensor = NamedTensor(name: "model", shape: [model.count], values: model)
    try store.write(
      [tensor], state: [String: Int](), at: CheckpointPosition(round: round),
      keeping: Array(positions.filter { $0.round < round }.prefix(2)))
  }
}
