import Foundation
import Foundations
import Interchange
import Training

/// A site's own checkpoints: what it needs to go on with a round in the middle, to answer again for a round that it had
/// trained when the run was killed, and to keep momentum from round to round.
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
    /// Of the whole run.
    let totalSteps: Int
    let keepsState: Bool
    /// Of the weights that the round starts from.
    let startDigest: String
  }

  /// How a round is begun in a process that has not trained before it.
  enum Start {
    case fresh
    /// With what the trainer had at the end of the round before.
    case keeping(TrainerState)
    /// In the middle of the round.
    case within(RoundState, seconds: Double)
    /// The round had been trained to its end; the state is there if it is kept from round to round.
    case done(TrainingOutcome, TrainerState?, seconds: Double)
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

  /// Where training goes on, from the newest checkpoint that fits; `like` is any state of the plan's trainer.
  ///
  /// Throws `SiteError.stateLost` where momentum is kept and that of the round before is not there, and
  /// `InterchangeError.checkpointFromNewer`.
  func start(_ task: Task, like other: TrainerState) throws -> Start {
    for position in store.positions() {
      let isBefore = position == CheckpointPosition(round: task.round - 1)
      guard position.round == task.round || isBefore && task.keepsState else { continue }
      guard let checkpoint = try store.read(position) else { continue }
      guard let record = try? JSONDecoder().decode(Record.self, from: checkpoint.state), record.site == site,
        let weights = checkpoint.tensors.first(where: { $0.name == "weights" })?.values
      else {
        store.skip(position, reason: "it is of another site")
        continue
      }
      let buffers = checkpoint.tensors.filter { $0.name != "weights" }.map(\.values)
      let state = TrainerState(counts: record.counts, buffers: buffers, like: other)
      if isBefore {
        if let state { return .keeping(state) }
        continue
      }
      // Another start: the coordinator went back to an earlier round and came by another way.
      guard record.startDigest == task.startDigest, record.steps == task.steps else { continue }
      if let step = position.step {
        guard let state, step < task.steps else { continue }
        return .within(
          RoundState(step: step, lossSum: record.lossSum, weights: weights, trainer: state),
          seconds: record.seconds)
      }
      if task.keepsState && state == nil { continue }
      return .done(
        TrainingOutcome(weights: weights, steps: record.steps, lossSum: record.lossSum), state,
        seconds: record.seconds)
    }
    if task.keepsState && task.round > 1 {
      throw SiteError.stateLost(folder: store.folder, round: task.round - 1)
    }
    return .fresh
  }

  /// Writes down a round that is under way. Throws `FileError.notWritable`.
  func write(_ state: RoundState, of task: Task, seconds: Double) throws {
    try write(
      weights: state.weights, lossSum: state.lossSum, trainer: state.trainer, of: task, seconds: seconds,
      at: CheckpointPosition(round: task.round, step: state.step))
  }

  /// Writes down a round that was trained to its end; `trainer` is what the next round goes on with, if anything.
  func write(_ outcome: TrainingOutcome, trainer: TrainerState?, of task: Task, seconds: Double) throws {
    try write(
      weights: outcome.weights, lossSum: outcome.lossSum, trainer: trainer, of: task, seconds: seconds,
      at: CheckpointPosition(round: task.round))
  }

  private func write(
    weights: [Float], lossSum: Double, trainer: TrainerState?, of task: Task, seconds: Double,
    at position: CheckpointPosition
  ) throws {
    var tensors = [NamedTensor(name: "weights", shape: [weights.count], values: weights)]
    for (index, values) in (trainer?.buffers ?? []).enumerated() {
      tensors.append(NamedTensor(name: "trainer.\(index)", shape: [values.count], values: values))
    }
    let record = Record(
      site: site, startDigest: task.startDigest, steps: task.steps, lossSum: lossSum, seconds: seconds,
      counts: trainer?.counts ?? [])
    // The coordinator may go back a round: the end of the one before is kept beside the two newest.
    try store.write(
      tensors, state: record, at: position, keeping: CheckpointPosition(round: task.round - 1))
  }
}
