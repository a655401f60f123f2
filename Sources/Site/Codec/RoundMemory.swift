import Foundations
import Interchange

/// A model's worth of numbers for each of the last rounds: in memory, or in a site's folder so that a resumed run goes on to the same
/// bits.
package struct RoundMemory: Sendable {
  private let store: CheckpointStore?
  private var kept: [Int: [Float]] = [:]
  /// SHA-256 of what was looked at or kept, so that it is not read and hashed for each question.
  private var digests: [Int: [UInt8]] = [:]

  /// One that ends with the process.
  package init() { store = nil }

  /// `folder` is that of the site's checkpoints, which goes when the run is whole; `owner` names what is kept.
  package init(
    folder: String, owner: String, runID: String, warn: @escaping @Sendable (String) -> Void
  ) {
    store = CheckpointStore(folder: folder, owner: owner, runID: runID, warn: warn)
  }

  /// Those of the last round before `round`; nil where none are known. Throws `InterchangeError.checkpointFromNewer`.
  package func last(before round: Int, count: Int) throws -> [Float]? {
    for earlier in rounds() where earlier < round {
      if let found = try values(of: earlier, count: count) { return found }
    }
    return nil
  }

  /// Those of a round. Throws `InterchangeError.checkpointFromNewer`.
  package func values(of round: Int, count: Int) throws -> [Float]? {
    let found =
      try store.map { store in
        try store.positions().contains(CheckpointPosition(round: round))
          ? store.read(CheckpointPosition(round: round))?.tensors.first?.values : nil
      } ?? kept[round]
    return found?.count == count ? found : nil
  }

  /// Those whose SHA-256, as little-endian Float32, is `digest`. Throws `InterchangeError.checkpointFromNewer`.
  mutating func values(digest: [UInt8], count: Int) throws -> [Float]? {
    for round in rounds() {
      if let known = digests[round], known != digest { continue }
      guard let found = try values(of: round, count: count) else { continue }
      let own = digests[round] ?? Digest.sha256(FloatBytes.data(found))
      digests[round] = own
      if own == digest { return found }
    }
    return nil
  }

  /// Keeps a round's, those of two rounds before it, and of two up to `needed`: a run may be resumed from an earlier one. What is of
  /// the same round or of later ones is of a way that was not gone on.
  ///
  /// Throws `FileError.notWritable`.
  package mutating func keep(_ values: [Float], of round: Int, needed: Int = 0) throws {
    digests = digests.filter { $0.key < round }
    let earlier = rounds().filter { $0 < round }
    let keeping = Set(earlier.prefix(2) + earlier.filter { $0 <= needed }.prefix(2))
    guard let store else {
      kept = kept.filter { keeping.contains($0.key) }
      kept[round] = values
      return
    }
    for old in store.positions() where old.round >= round { try store.remove(old) }
    try store.write(
      [NamedTensor(name: "values", shape: [values.count], values: values)], state: [String: Int](),
      at: CheckpointPosition(round: round), keeping: keeping.map { CheckpointPosition(round: $0) })
  }

  /// The newest first.
  private func rounds() -> [Int] {
    store.map { $0.positions().map(\.round) } ?? kept.keys.sorted(by: >)
  }
}
