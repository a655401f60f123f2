import Foundations
import Imaging

/// How many voxels of a grid belong to a region in the prediction, in the reference and in both.
package struct OverlapCounts: Sendable, Equatable {
  package var prediction: Int
  package var reference: Int
  package var both: Int
  /// Voxels of the grid.
  package let total: Int

  package init(prediction: Int, reference: Int, both: Int, total: Int) {
    self.prediction = prediction
    self.reference = reference
    self.both = both
    self.total = total
  }

  /// Voxels in one map or the other.
  package var union: Int { prediction + reference - both }

  /// 2 |P ∩ R| / (|P| + |R|); NaN where both are empty.
  package var dice: Double { 2 * Double(both) / Double(prediction + reference) }

  /// |P ∩ R| / |P ∪ R|; NaN where both are empty.
  package var jaccard: Double { Double(both) / Double(union) }

  /// The share of the prediction that is right; NaN without one.
  package var precision: Double { Double(both) / Double(prediction) }

  /// The share of the reference that was found; NaN without one.
  package var sensitivity: Double { Double(both) / Double(reference) }

  /// The share of the voxels outside of the reference that were left out; NaN where the reference is the whole grid.
  package var specificity: Double { Double(total - union) / Double(total - reference) }

  /// (|P| − |R|) / |R|; NaN without a reference.
  package var relativeVolumeDifference: Double {
    reference == 0 ? .nan : Double(prediction - reference) / Double(reference)
  }

  /// What of the two masks is missing.
  var emptiness: Emptiness {
    switch (prediction, reference) {
    case (0, 0): .both
    case (0, _): .prediction
    case (_, 0): .reference
    default: both == 0 ? .overlap : .neither
    }
  }
}

/// Which of two masks is empty, so that a metric's formula may have no value.
enum Emptiness: Sendable {
  case both
  case prediction
  case reference
  /// Neither, but they have no voxel in common.
  case overlap
  case neither
}
