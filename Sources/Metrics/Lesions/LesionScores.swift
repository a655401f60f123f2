/// A region's lesions: how many were found, and the means over them.
struct LesionScores: Sendable, Equatable {
  var truePositives = 0
  var falsePositives = 0
  var falseNegatives = 0
  var dice = Double.nan
  /// In mm.
  var hausdorff95 = Double.nan
  var surfaceDice = Double.nan
}

/// How well one lesion was predicted.
struct LesionScore: Sendable, Equatable {
  var dice: Double
  /// In mm.
  var hausdorff95: Double
  var surfaceDice: Double

  /// A lesion that was missed, or a prediction without one.
  static func missed(penalty: Double) -> LesionScore {
    LesionScore(dice: 0, hausdorff95: penalty, surfaceDice: 0)
  }
}
