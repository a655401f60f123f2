import Foundations

/// How a training went, round by round and site by site: `curves.csv` and `curves.json`.
package struct TrainingCurves: Sendable, Equatable {
  package static let schemaVersion = 1

  /// One site in one round.
  package struct Point: Sendable, Equatable {
    package let round: Int
    package let site: String
    /// Optimiser steps of the round.
    package let steps: Int
    /// Mean over the round's steps.
    package let loss: Double
    /// Of the round's first step.
    package let learningRate: Double
    /// Validation Dice, one per region; nil where there is no score.
    package let validationDice: [Double?]

    package init(
      round: Int, site: String, steps: Int, loss: Double, learningRate: Double, validationDice: [Double?]
    ) {
      self.round = round
      self.site = site
      self.steps = steps
      self.loss = loss
      self.learningRate = learningRate
      self.validationDice = validationDice
    }
  }

  /// One round over all sites.
  package struct Round: Sendable, Equatable {
    package let round: Int
    /// In order of the sites' names.
    package let points: [Point]
    /// The number that tells the best round: each site's mean over its regions, then the mean over sites.
    package let validationMean: Double?

    package init(round: Int, points: [Point], validationMean: Double?) {
      (self.round, self.points, self.validationMean) = (round, points, validationMean)
    }
  }

  package let regions: [String]
  package let rounds: [Round]

  package init(regions: [String], rounds: [Round]) {
    precondition(rounds.allSatisfy { $0.points.allSatisfy { $0.validationDice.count == regions.count } })
    (self.regions, self.rounds) = (regions, rounds)
  }

  /// A line for each site and round.
  package func csv() -> String {
    var document = CSVDocument(
      columns: ["round", "site", "steps", "loss", "learning_rate"] + regions.map { "validation_dice_" + $0 })
    for point in rounds.flatMap(\.points) {
      document.add(
        ["\(point.round)", point.site, "\(point.steps)"]
          + ([point.loss, point.learningRate] + point.validationDice).map { CSVDocument.field($0) })
    }
    return document.rendered()
  }

  package func json() -> JSONValue {
    .object([
      ("schema_version", .integer(Self.schemaVersion)),
      ("regions", .array(regions.map { .string($0) })),
      (
        "rounds",
        .array(
          rounds.map { round in
            .object([
              ("round", .integer(round.round)), ("validation_mean", .number(round.validationMean)),
              ("sites", .object(round.points.map { ($0.site, json($0)) })),
            ])
          })
      ),
    ])
  }

  private func json(_ point: Point) -> JSONValue {
    .object([
      ("steps", .integer(point.steps)), ("loss", .number(point.loss as Double)),
      ("learning_rate", .number(point.learningRate as Double)),
      ("validation_dice", .object(zip(regions, point.validationDice).map { ($0, .number($1)) })),
    ])
  }

  /// Curves by name and round, as TensorBoard groups them: `loss/<site>`, `learning_rate/<site>`,
  /// `validation_dice/<region>/<site>` and `validation_dice/mean`. Those without a value are left out.
  package var scalars: [(name: String, round: Int, value: Double)] {
    rounds.flatMap { round -> [(name: String, round: Int, value: Double)] in
      var values: [(String, Double?)] = []
      for point in round.points {
        values.append(("loss/\(point.site)", point.loss))
        values.append(("learning_rate/\(point.site)", point.learningRate))
        for (region, dice) in zip(regions, point.validationDice) {
          values.append(("validation_dice/\(region)/\(point.site)", dice))
        }
      }
      values.append(("validation_dice/mean", round.validationMean))
      return values.compactMap { name, value in value.map { (name, round.round, $0) } }
    }
  }
}
