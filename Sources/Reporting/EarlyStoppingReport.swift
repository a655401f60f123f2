/// What became of training that ends when validation gets no better.
package struct EarlyStoppingReport: Sendable, Equatable {
  package struct Training: Sendable, Equatable {
    /// The site whose own model it is; nil: all sites'.
    package let site: String?
    /// nil: no round could be scored.
    package let bestRound: Int?
    /// nil: all rounds were run.
    package let stoppedAfterRound: Int?

    package init(site: String?, bestRound: Int?, stoppedAfterRound: Int?) {
      self.site = site
      self.bestRound = bestRound
      self.stoppedAfterRound = stoppedAfterRound
    }
  }

  /// Rounds without a better score after which training ends.
  package let patience: Int
  package let trainings: [Training]

  package init(patience: Int, trainings: [Training]) {
    self.patience = patience
    self.trainings = trainings
  }

  func json() -> JSONValue {
    func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    return .object([
      ("patience", .integer(patience)),
      (
        "trainings",
        .array(
          trainings.map { training in
            .object([
              ("site", training.site.map { .string($0) } ?? .null),
              ("best_round", number(training.bestRound)),
              ("stopped_after_round", number(training.stoppedAfterRound)),
            ])
          })
      ),
    ])
  }
}
