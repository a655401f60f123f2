import Foundations
import Imaging
import Metrics
import Training

/// Dice of one case, per region of the plan.
package struct CaseScore: Sendable, Equatable {
  package let name: String
  package let dice: [Double]

  /// Both maps lie in the scan's own grid.
  package init(name: String, prediction: LabelVolume, reference: LabelVolume, regions: [Region]) {
    self.name = name
    dice = regions.map {
      DiceScore.dice(prediction: prediction, reference: reference, region: $0, convention: .brats)
    }
  }
}

/// Scores of a site's cases; they stay at the site.
package enum CaseScores {
  /// Predicts and scores each case in its scan's own grid. Returns nil if the user asked to stop.
  package static func score(_ cases: [PreparedCase], predictor: Predictor) throws -> [CaseScore]? {
    var scores: [CaseScore] = []
    for item in cases {
      if Interruption.isRequested { return nil }
      guard let reference = item.reference else { continue }
      let prediction = try predictor.predict(item.harmonized)
      scores.append(
        CaseScore(
          name: item.name, prediction: prediction, reference: reference,
          regions: predictor.plan.regions))
    }
    return scores
  }

  /// `metrics.csv`: a line a case.
  package static func csv(_ scores: [CaseScore], regions: [Region]) -> String {
    var document = CSVDocument(columns: ["case"] + regions.map { "dice_" + $0.name })
    for score in scores { document.add([score.name] + score.dice.map { CSVDocument.field($0) }) }
    return document.rendered()
  }
}
