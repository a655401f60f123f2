import Foundations

/// Training that cannot go on.
package enum TrainingError: DescribedError {
  /// What became NaN or infinite.
  package enum Quantity: String, Sendable {
    case loss = "a loss"
    case gradient = "a gradient"
    case weights = "weights"
  }

  /// `step` counts from 1 in the round. `cases`, those of the step's batch, are for the site alone.
  case diverged(site: String, round: Int, step: Int, quantity: Quantity, cases: [String])

  /// Names no case: it may leave the site.
  package var description: String {
    switch self {
    case .diverged(let site, let round, let step, let quantity, _):
      "\(site), round \(round), step \(step): found \(quantity.rawValue) that is not finite, expected finite numbers. "
        + "The step was not taken, and the last whole round's model is kept. Lower optimizer, learning_rate, or set "
        + "optimizer, warmup_steps or gradient_clip; the site's own console names the batch's cases."
    }
  }

  /// What only the site itself may read.
  package var siteNotice: String {
    switch self {
    case .diverged(let site, let round, let step, _, let cases):
      "\(site), round \(round), step \(step): the batch's cases: \(cases.joined(separator: ", ")). "
        + "Look at them with segfed inspect."
    }
  }
}
