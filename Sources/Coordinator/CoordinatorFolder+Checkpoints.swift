import FederationProtocol
import Foundation
import Foundations
import Interchange

/// What a checkpoint of the coordinator holds beside weights. The rounds themselves stand in the journal.
private struct CoordinatorRecord: Codable {
  struct Best: Codable {
    let round: Int
    let score: Double
  }

  let descriptions: [SiteDescription]
  let traffic: [SiteTraffic]
  let best: Best?
  /// nil without a codec, and in checkpoints of earlier releases.
  let heldModels: [HeldModel]?
  /// How far the journal had come.
  let journal: JournalPosition
}

/// A run as a checkpoint has it.
struct RestoredRun {
  let progress: RunProgress
  let traffic: [SiteTraffic]
}

extension CoordinatorFolder {
  private static let last = "model/"
  private static let best = "best/"
  private static let strategy = "strategy/"
  private static let feedback = "codec/feedback"

  /// Writes down a run behind a whole round, once the journal has the round. Throws `FileError`.
  func save(_ progress: RunProgress, traffic: [SiteTraffic]) throws {
    let state = progress.strategyState.map {
      NamedTensor(name: $0.name, shape: [$0.values.count], values: $0.values)
    }
    let tensors =
      progress.lastModel.tensors.named(below: Self.last)
      + (progress.best?.model?.tensors ?? []).named(below: Self.best) + state.named(below: Self.strategy)
      + (progress.feedback.isEmpty
        ? []
        : [NamedTensor(name: Self.feedback, shape: [progress.feedback.count], values: progress.feedback)])
    let record = CoordinatorRecord(
      descriptions: progress.descriptions, traffic: traffic,
      best: progress.best.map { CoordinatorRecord.Best(round: $0.round, score: $0.score) },
      heldModels: progress.heldModels.isEmpty ? nil : progress.heldModels,
      journal: try journal.position())
    try checkpoints.write(tensors, state: record, at: CheckpointPosition(round: progress.rounds.count))
  }

  /// Goes back to a checkpoint; the journal is cut to what it has seen, unless the run was tested behind it.
  ///
  /// Returns nil, after telling why, if it cannot be gone on from. Throws `InterchangeError.checkpointFromNewer`, `FileError`.
  func restore(
    _ position: CheckpointPosition, model: ModelState, strategy: any AggregationStrategy,
    settings: FederationSettings
  ) throws -> RestoredRun? {
    guard let checkpoint = try checkpoints.read(position) else { return nil }
    func skip(_ reason: String) -> RestoredRun? {
      checkpoints.skip(position, reason: reason)
      return nil
    }
    guard let record = try? JSONDecoder().decode(CoordinatorRecord.self, from: checkpoint.state),
      let last = model.replaced(by: checkpoint.tensors.found(below: Self.last)),
      let state = strategy.state(
        in: checkpoint.tensors.found(below: Self.strategy), count: model.values.count)
    else { return skip("it does not hold what this run's does") }
    let feedback = checkpoint.tensors.first { $0.name == Self.feedback }?.values ?? []
    guard feedback.isEmpty || feedback.count == model.values.count else {
      return skip("what its codec left out is of another model")
    }
    guard let rounds = try journal.rounds(upTo: record.journal), rounds.count == position.round else {
      return skip("\(journal.path) is not the journal that it was written with")
    }
    let best = record.best.map {
      RunProgress.Best(
        round: $0.round, score: $0.score,
        model: model.replaced(by: checkpoint.tensors.found(below: Self.best)))
    }
    if settings.modelChoice == .bestValidation, let best, best.model == nil {
      return skip("it lacks the best model")
    }
    var progress = RunProgress(
      descriptions: record.descriptions, rounds: rounds, lastModel: last, best: best,
      strategyState: state,
      feedback: feedback, heldModels: record.heldModels ?? [], choice: settings.modelChoice)
    if !progress.goesOn(settings), let end = try journal.end(behind: record.journal) {
      progress.tests = end.test
      progress.untested = end.untested ?? []
      progress.isTested = true
      return RestoredRun(progress: progress, traffic: end.siteTraffic)
    }
    progress.recorded = try journal.cut(to: record.journal, round: position.round + 1)
    return RestoredRun(progress: progress, traffic: record.traffic)
  }
}

extension JournalEnd {
  /// All messages of the run; their kinds are not in the journal.
  fileprivate var siteTraffic: [SiteTraffic] {
    traffic.map { SiteTraffic(site: $0.site, down: $0.bytesDown, up: $0.bytesUp) }
  }
}

extension AggregationStrategy {
  /// The state that a file holds; nil if a buffer is missing or has another size.
  fileprivate func state(in tensors: [NamedTensor], count: Int) -> [ServerBuffer]? {
    guard tensors.map(\.name) == initialState(count: count).map(\.name),
      tensors.allSatisfy({ $0.values.count == count })
    else { return nil }
    return tensors.map { ServerBuffer($0.name, values: $0.values) }
  }
}

extension ModelState {
  /// The same tensors with a file's values; nil if one of them is missing or has another shape.
  fileprivate func replaced(by tensors: [NamedTensor]) -> ModelState? {
    guard tensors.map(\.name) == ranges.map(\.name), tensors.map(\.shape) == ranges.map(\.shape) else {
      return nil
    }
    return ModelState(ranges: ranges, values: tensors.flatMap(\.values))
  }
}

extension [NamedTensor] {
  /// With a prefix in front of each name.
  fileprivate func named(below prefix: String) -> [NamedTensor] {
    map { NamedTensor(name: prefix + $0.name, shape: $0.shape, values: $0.values) }
  }

  /// Those with a prefix, without it.
  fileprivate func found(below prefix: String) -> [NamedTensor] {
    filter { $0.name.hasPrefix(prefix) }.map {
      NamedTensor(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values)
    }
  }
}
