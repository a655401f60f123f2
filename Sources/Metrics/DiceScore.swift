import Imaging

/// The Dice overlap of a region: 2 |P ∩ R| / (|P| + |R|).
package enum DiceScore {
  /// What the score is when neither map holds the region. With the region in one map alone it is 0 in both.
  package enum EmptyConvention: String, Sendable, Codable {
    /// 1: BraTS' and FeTS' whole-image score.
    case brats
    /// Not a number, to be left out of means: nnU-Net.
    case nan
  }

  /// Voxels of a region in prediction and reference.
  package struct Counts: Sendable, Equatable {
    package var prediction: Int
    package var reference: Int
    package var both: Int

    package init(prediction: Int, reference: Int, both: Int) {
      self.prediction = prediction
      self.reference = reference
      self.both = both
    }

    /// Dice in [0, 1], or NaN where the convention says so.
    package func dice(_ convention: EmptyConvention) -> Double {
      let total = prediction + reference
      if total == 0 { return convention == .brats ? 1 : .nan }
      return 2 * Double(both) / Double(total)
    }
  }

  /// Dice of `region` over the whole image, the two maps on one grid.
  package static func dice(
    prediction: LabelVolume, reference: LabelVolume, region: Region, convention: EmptyConvention = .brats
  ) -> Double {
    counts(prediction: prediction, reference: reference, region: region).dice(convention)
  }

  /// Counts `region`'s voxels; both maps must have the same size.
  package static func counts(prediction: LabelVolume, reference: LabelVolume, region: Region) -> Counts {
    precondition(
      prediction.geometry.size == reference.geometry.size, "Dice compares label maps on one grid")
    var isMember = [Bool](repeating: false, count: 65536)
    for label in region.labels { isMember[Int(label)] = true }
    var counts = Counts(prediction: 0, reference: 0, both: 0)
    isMember.withUnsafeBufferPointer { isMember in
      prediction.labels.withUnsafeBufferPointer { predicted in
        reference.labels.withUnsafeBufferPointer { expected in
          for index in 0..<predicted.count {
            let p = isMember[Int(predicted[index])]
            let r = isMember[Int(expected[index])]
            counts.prediction += p ? 1 : 0
            counts.reference += r ? 1 : 0
            counts.both += p && r ? 1 : 0
          }
        }
      }
    }
    return counts
  }
}
