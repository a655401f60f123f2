import Foundation
import Foundations
import Interchange
import Training

/// A site's own checkpoints: what it needs to go on with a round in the middle, to answer again for a round that it had
/// trained when the run was killed, and what it goes on with from round to round (`SiteState`).
///
/// The coordinator decides which round is trained; its rounds and a site's are matched by the round's number and the digest
/// of the weights that it starts from, so it does not matter who of the two had come further.
package struct SiteCheckpoints: Sendable {
  private let store: CheckpointStore
  private let site: String
  /// Steps from one to the next within a round.
  let interval: Int

  /// `folder` is the site's own.
  package init(
    folder: String, site: String, runID: String, every interval: Int,
    warn: @escaping @Sendable (String) -> Void
  ) {
    store = CheckpointStore(folder: folder, owner: "trainer", runID: runID, warn: warn)
    self.site = site
    self.interval = interval
  }

  /// What a request of training is, as far as checkpoints are concerned.
  struct Task {
    let round: Int
    let steps: Int
    /// The round whose end the site goes on from; 0: none.
    let lastRound: Int
    /// Of the weights that the round starts from.
    let startDigest: String
  }

  /// How a round is begun in a process that has not trained before it.
  enum Start {
    case fresh
    /// In the middle of the round.
    case within(RoundState, seconds: Double)
    /// The round had been trained to its end; what it left is in the checkpoint too.
    case done(TrainingOutcome, SiteState, seconds: Double)
  }

  /// What is no tensor.
  private struct Record: Codable {
    let site: String
    let startDigest: String
    let steps: Int
    let lossSum: Double
    let seconds: Double
    let counts: [Int]

    enum CodingKeys: String, CodingKey {
      case site
      case startDigest = "start_sha256"
      case steps
      case lossSum = "loss_sum"
      case seconds, counts
    }
  }

  /// A checkpoint's content.
  private struct Content {
    let record: Record
    let weights: [Float]
    let state: SiteState
  }

  private enum Name {
    static let weights = "weights"
    static let trainer = "trainer."
    static let control = "control"
    static let personal = "personal/"
  }

  /// Where a round goes on, from the newest checkpoint that fits; `like` is any state of the plan's trainer.
  ///
  /// Throws `InterchangeError.checkpointFromNewer`.
  func start(_ task: Task, like other: TrainerState) throws -> Start {
    for position in store.positions() where position.round == task.round {
      // Another start: the coordinator went back to an earlier round and came by another way.
      guard let content = try content(position, like: other),
        content.record.startDigest == task.startDigest, content.record.steps == task.steps
      else { continue }
      let record = content.record
      guard let step = position.step else {
        return .done(
          TrainingOutcome(weights: content.weights, steps: record.steps, lossSum: record.lossSum),
          content.state, seconds: record.seconds)
      }
      guard let trainer = content.state.trainer, step < task.steps else { continue }
      return .within(
        RoundState(step: step, lossSum: record.lossSum, weights: content.weights, trainer: trainer),
        seconds: record.seconds)
    }
    return .fresh
  }

  /// What the site had at the end of a round; without `other` what its trainer had is left out. Throws `SiteError.stateLost` where that is gone.
  func state(after round: Int, like other: TrainerState?) throws -> SiteState {
    guard let content = try content(CheckpointPosition(round: round), like: other) else {
      throw SiteError.stateLost(folder: store.folder, round: round)
    }
    return content.state
  }

  private func content(_ position: CheckpointPosition, like other: TrainerState?) throws -> Content? {
    guard store.positions().contains(position), let checkpoint = try store.read(position) else { return nil }
    guard let record = try? JSONDecoder().decode(Record.self, from: checkpoint.state), record.site == site,
      let weights = checkpoint.tensors.first(where: { $0.name == Name.weights })?.values
    else {
      store.skip(position, reason: "it is of another site")
      return nil
    }
    let buffers = checkpoint.tensors.filter { $0.name.hasPrefix(Name.trainer) }.map(\.values)
    let state = SiteState(
      trainer: other.flatMap { TrainerState(counts: record.counts, buffers: buffers, like: $0) },
      control: checkpoint.tensors.first { $0.name == Name.control }?.values,
      personal: checkpoint.tensors.filter { $0.name.hasPrefix(Name.personal) }.map {
        NamedTensor(
          name: String($0.name.dropFirst(Name.personal.count)), shape: $0.shape, values: $0.values)
      })
    return Content(record: record, weights: weights, state: state)
  }

  /// Writes down a round that is under way. Throws `FileError.notWritable`.
  func write(_ state: RoundState, of task: Task, seconds: Double) throws {
    try write(
      weights: state.weights, lossSum: state.lossSum, SiteState(trainer: state.trainer), of: task,
      seconds: seconds, at: CheckpointPosition(round: task.round, step: state.step))
  }

  /// Writes down a round that was trained to its end; `state` is what the next round goes on with.
  func write(_ outcome: TrainingOutcome, _ state: SiteState, of task: Task, seconds: Double) throws {
    try write(
      weights: outcome.weights, lossSum: outcome.lossSum, state, of: task, seconds: seconds,
      at: CheckpointPosition(round: task.round))
  }

  private func write(
    weights: [Float], lossSum: Double, _ state: SiteState, of task: Task, seconds: Double,
    at position: CheckpointPosition
  ) throws {
    var tensors = [NamedTensor(name: Name.weights, shape: [weights.count], values: weights)]
    for (index, values) in (state.trainer?.buffers ?? []).enumerated() {
      tensors.append(NamedTensor(name: "\(Name.trainer)\(index)", shape: [values.count], values: values))
    }
    if let control = state.control {
      tensors.append(NamedTensor(name: Name.control, shape: [control.count], values: control))
    }
    tensors += state.personal.map {
      NamedTensor(name: Name.personal + $0.name, shape: $0.shape, values: $0.values)
    }
    let record = Record(
      site: site, startDigest: task.startDigest, steps: task.steps, lossSum: lossSum, seconds: seconds,
      counts: state.trainer?.counts ?? [])
    // The coordinator may go back a round: the end of the one that this goes on from is kept, and of the one before that.
    let ends = store.positions().filter { $0.step == nil && $0.round <= task.lastRound }.prefix(2)
    try store.write(tensors, state: record, at: position, keeping: Array(ends))
  }
}
