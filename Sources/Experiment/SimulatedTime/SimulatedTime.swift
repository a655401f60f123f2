import Coordinator
import Foundation
import Foundations
import Reporting
import Training

/// `segfed time`: how long a federation's rounds would take at hospitals like FeTS', and its convergence score there. Simulated.
package struct SimulatedTime: Sendable {
  /// One simulated week, as FeTS scores it.
  package static let week = 7 * 24 * 3600.0

  package struct Round: Sendable, Equatable {
    let seconds: Double
    /// Which site the round waited for.
    let slowest: String
    /// Of the slowest site's seconds, those on the wire.
    let wireSeconds: Double
    /// Mean over sites of the validation Dice after the round; nil where none was told.
    let dice: Double?

    package init(seconds: Double, slowest: String, wireSeconds: Double, dice: Double?) {
      (self.seconds, self.slowest) = (seconds, slowest)
      (self.wireSeconds, self.dice) = (wireSeconds, dice)
    }
  }

  let path: String
  let strategy: String
  let codecs: String
  let rounds: [Round]

  package init(path: String, strategy: String, codecs: String, rounds: [Round]) {
    (self.path, self.strategy, self.codecs, self.rounds) = (path, strategy, codecs, rounds)
  }

  /// Reads a federated run. Throws `FileError`, `ExperimentError.notFederated`.
  init(_ path: String, clock: HospitalClock) throws {
    let run = RunFolder(path: path)
    guard let configuration = try run.begun() else { throw FileError.notFound(path: run.configuration) }
    guard configuration.mode == .federated else {
      throw ExperimentError.notFederated(path: path, mode: configuration.mode.rawValue)
    }
    self.path = path
    strategy = (configuration.strategy ?? .fedAvg).description
    let pair = configuration.codecs ?? .plain
    codecs = pair.down == pair.up ? "\(pair.up)" : "\(pair.down) / \(pair.up)"
    let model = Double(4 * configuration.plan.architecture.parameterLayout.count)
    let batch = configuration.plan.batch
    rounds = try RunJournal.rounds(at: run.coordinator + "/rounds.jsonl").map {
      Self.round($0, clock: clock, modelBytes: model, batch: batch)
    }
    guard !rounds.isEmpty else {
      throw FileError.unreadable(path: run.coordinator + "/rounds.jsonl", reason: "no round was finished")
    }
  }

  static func round(_ record: RoundRecord, clock: HospitalClock, modelBytes: Double, batch: Int) -> Round {
    let sites = record.sites.map { site in
      let speed = clock.site(site.site)
      let wire =
        speed.downloadSeconds * Double(site.bytesDown) / modelBytes
        + speed.uploadSeconds * Double(site.bytesUp) / modelBytes
      // A patch is of one patient; FeTS counts patients trained on.
      let work =
        speed.trainingSeconds * Double(site.steps * batch)
        + speed.validationSeconds * Double(site.validation?.cases ?? 0)
      return (name: site.site, wire: wire, seconds: wire + work)
    }
    let slowest = sites.max { $0.seconds < $1.seconds }
    let validations = record.sites.compactMap { $0.validation?.meanOverRegions }
    return Round(
      seconds: slowest?.seconds ?? 0, slowest: slowest?.name ?? "", wireSeconds: slowest?.wire ?? 0,
      dice: validations.isEmpty ? nil : validations.reduce(0, +) / Double(validations.count))
  }

  var seconds: Double { rounds.reduce(0) { $0 + $1.seconds } }

  /// FeTS' score: the area under the best mean Dice so far over a week, the last best one
  /// carried to its end, over the week. nil where a round told no Dice.
  package var convergence: Double? {
    var (time, best, area) = (0.0, 0.0, 0.0)
    for round in rounds {
      guard let dice = round.dice else { return nil }
      let taken = min(round.seconds, Self.week - time)
      // What a round brings is there when it is over.
      area += best * taken
      time += taken
      if time >= Self.week { return area / Self.week }
      best = max(best, dice)
    }
    return (area + best * (Self.week - time)) / Self.week
  }

  var bestDice: Double? { rounds.compactMap(\.dice).max() }

  // MARK: Tables

  package static func execute(runs: [String], seed: UInt64, output: String?, console: Console) throws {
    if let output, FileManager.default.fileExists(atPath: output) {
      throw FileError.alreadyExists(path: output)
    }
    let times = try runs.map { try SimulatedTime($0, clock: HospitalClock(seed: seed)) }
    if let output { try AtomicFile.write(csv(times), to: output) }
    console.print(console.isJSON ? json(times).rendered() : text(times))
  }

  private static func text(_ times: [SimulatedTime]) -> String {
    var table = TextTable(columns: [
      .text("run"), .text("strategy"), .text("codecs"), .number("rounds"), .number("s a round"),
      .number("on the wire"),
      .text("waits for"), .number("hours"), .number("best Dice"), .number("convergence"),
    ])
    for time in times {
      let wire = time.rounds.reduce(0) { $0 + $1.wireSeconds }
      let slowest = Dictionary(grouping: time.rounds, by: \.slowest).max {
        ($0.value.count, $1.key) < ($1.value.count, $0.key)
      }
      table.add([
        time.path, time.strategy, time.codecs, "\(time.rounds.count)",
        NumberText.fixed(time.seconds / Double(time.rounds.count), decimals: 0),
        NumberText.fixed(100 * wire / time.seconds, decimals: 1) + " %", slowest?.key ?? "",
        NumberText.fixed(time.seconds / 3600, decimals: 2), NumberText.dice(time.bestDice),
        NumberText.dice(time.convergence),
      ])
    }
    return table.rendered() + """
      SIMULATED, not measured: each site's speed and link are drawn from FeTS' times at real hospitals (seconds a patient, and for a model of
      32-bit numbers, in proportion to bytes); a round takes as long as its slowest site. Convergence: FeTS' score, the area under the best
      mean validation Dice so far over one simulated week.

      """
  }

  private static func csv(_ times: [SimulatedTime]) -> String {
    var document = CSVDocument(columns: [
      "run", "strategy", "codecs", "round", "simulated_seconds", "wire_seconds", "slowest_site",
      "validation_dice",
    ])
    for time in times {
      for (index, round) in time.rounds.enumerated() {
        document.add([
          time.path, time.strategy, time.codecs, "\(index + 1)", "\(round.seconds)", "\(round.wireSeconds)",
          round.slowest, CSVDocument.field(round.dice),
        ])
      }
    }
    return document.rendered()
  }

  private static func json(_ times: [SimulatedTime]) -> JSONValue {
    .object([
      ("schema_version", .integer(1)), ("simulated", .bool(true)),
      (
        "runs",
        .array(
          times.map { time in
            .object([
              ("run", .string(time.path)), ("strategy", .string(time.strategy)),
              ("codecs", .string(time.codecs)),
              ("rounds", .integer(time.rounds.count)), ("simulated_seconds", .number(time.seconds)),
              ("wire_seconds", .number(time.rounds.reduce(0) { $0 + $1.wireSeconds })),
              ("best_dice", .number(time.bestDice)), ("convergence_score", .number(time.convergence)),
            ])
          })
      ),
    ])
  }
}
