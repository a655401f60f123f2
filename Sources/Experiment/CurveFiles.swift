import Coordinator
import Foundations
import Interchange
import Reporting
import Training

/// Training curves beside a run's journal, made from its lines alone: a run that was resumed has each round once.
///
/// They hold no time, so equal runs give equal bytes.
struct CurveFiles {
  let plan: TrainingPlan
  /// Rounds of the whole run, which the learning rate follows.
  let rounds: Int
  /// Where `rounds.jsonl` lies.
  let folder: String

  /// Its name tells TensorBoard what it is; TensorFlow puts time and host there.
  static let events = "events.out.tfevents.segfed"

  /// Writes `curves.csv`, `curves.json` and the event file anew. Throws `FileError`.
  func write() throws {
    let curves = try curves(RunJournal.rounds(at: folder + "/rounds.jsonl"))
    try AtomicFile.write(curves.csv(), to: folder + "/curves.csv")
    try AtomicFile.write(curves.json().rendered(), to: folder + "/curves.json")
    let scalars = curves.scalars.map {
      TensorBoardEvents.Scalar(tag: $0.name, step: $0.round, value: $0.value)
    }
    try AtomicFile.write(TensorBoardEvents.encoded(scalars), to: folder + "/" + Self.events)
  }

  private func curves(_ records: [RoundRecord]) -> TrainingCurves {
    var taken: [String: Int] = [:]
    let regions = plan.regions.map(\.name)
    return TrainingCurves(
      regions: regions,
      rounds: records.map { record in
        let points = record.sites.map { site in
          let first = taken[site.site, default: 0]
          taken[site.site] = first + site.steps
          return TrainingCurves.Point(
            round: record.round, site: site.site, steps: site.steps, loss: site.meanLoss,
            // As a site counts: every round as long as this one.
            learningRate: plan.learningRateSchedule.rate(step: first, of: site.steps * rounds),
            validationDice: regions.map { name in
              site.validation?.regions.first { $0.region == name }?.mean
            })
        }
        return TrainingCurves.Round(
          round: record.round, points: points, validationMean: record.validation.meanOfSiteMeans)
      })
  }
}
