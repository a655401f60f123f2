/// What a case is scored by. Names are the columns of `metrics.csv`, the keys of `metrics.json` and of the wire.
package enum Metric: String, Sendable, CaseIterable, Codable {
  case dice
  case jaccard
  case precision
  case sensitivity
  case specificity
  /// Prediction minus reference (without a sign where the convention has none).
  case volumeDifference = "volume_difference_mm3"
  /// Prediction minus reference, as a share of the reference.
  case relativeVolumeDifference = "relative_volume_difference"
  case hausdorff95 = "hd95_mm"
  case hausdorff = "hd_mm"
  /// The mean distance from the prediction's surface to the reference's.
  case averageDistance = "asd_mm"
  /// The mean distance from the reference's surface to the prediction's.
  case averageDistanceFromReference = "asd_from_reference_mm"
  /// Average symmetric surface distance.
  case averageSymmetricDistance = "assd_mm"
  case surfaceDice = "surface_dice"
  case lesionDice = "lesion_dice"
  case lesionHausdorff95 = "lesion_hd95_mm"
  case lesionSurfaceDice = "lesion_surface_dice"
  case lesionTruePositives = "lesion_tp"
  case lesionFalsePositives = "lesion_fp"
  case lesionFalseNegatives = "lesion_fn"
  /// Of the predicted probabilities (`CalibrationBins`): every voxel counts the same.
  case expectedCalibrationError = "ece"
  /// Every bin of probabilities counts the same.
  case averageCalibrationError = "ace"
  /// The worst bin's.
  case maximumCalibrationError = "mce"

  /// What tables call it.
  package var title: String {
    switch self {
    case .dice: "Dice"
    case .jaccard: "Jaccard"
    case .precision: "precision"
    case .sensitivity: "sensitivity"
    case .specificity: "specificity"
    case .volumeDifference: "volume difference mm³"
    case .relativeVolumeDifference: "relative volume difference"
    case .hausdorff95: "HD95 mm"
    case .hausdorff: "Hausdorff mm"
    case .averageDistance: "surface distance mm"
    case .averageDistanceFromReference: "surface distance from reference mm"
    case .averageSymmetricDistance: "ASSD mm"
    case .surfaceDice: "surface Dice"
    case .lesionDice: "lesion-wise Dice"
    case .lesionHausdorff95: "lesion-wise HD95 mm"
    case .lesionSurfaceDice: "lesion-wise surface Dice"
    case .lesionTruePositives: "lesions found"
    case .lesionFalsePositives: "lesions invented"
    case .lesionFalseNegatives: "lesions missed"
    case .expectedCalibrationError: "expected calibration error"
    case .averageCalibrationError: "average calibration error"
    case .maximumCalibrationError: "maximum calibration error"
    }
  }

  static let ofSurfaces: [Metric] = [
    .hausdorff95, .hausdorff, .averageDistance, .averageDistanceFromReference, .averageSymmetricDistance,
    .surfaceDice,
  ]
  static let ofLesions: [Metric] = [
    .lesionDice, .lesionHausdorff95, .lesionSurfaceDice, .lesionTruePositives, .lesionFalsePositives,
    .lesionFalseNegatives,
  ]
  static let ofProbabilities: [Metric] = [
    .expectedCalibrationError, .averageCalibrationError, .maximumCalibrationError,
  ]
}
