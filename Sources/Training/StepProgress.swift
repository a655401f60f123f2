/// How far a site's training of a round is, for those who watch. Nothing depends on it.
package struct StepProgress: Sendable, Equatable {
  package let site: String
  /// From 1.
  package let round: Int
  /// Steps that are done, and those that the round has.
  package let step: Int
  package let steps: Int
  /// Mean loss of the steps that are done.
  package let meanLoss: Double

  package init(site: String, round: Int, step: Int, steps: Int, meanLoss: Double) {
    (self.site, self.round, self.step, self.steps) = (site, round, step, steps)
    self.meanLoss = meanLoss
  }

  /// Is told behind each step, on the thread that trains.
  package typealias Observer = @Sendable (StepProgress) -> Void
}
