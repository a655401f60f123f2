import Foundations
import Harmonization
import Imaging
import Metrics
import Synchronization
import Training

/// How a case's probabilities compare with its reference in the scan's own grid, taken while a predictor makes them.
///
/// Outside of the box that was harmonised background is certain. Each slice has bins of its own, which are added in their order:
/// no thread count changes a bit.
final class CaseCalibration: ScoreMaps {
  let wantsEntropy = false
  private let regions: [ScoredRegion]
  private let outputs: Int
  /// The box's, in the harmonised orientation.
  private let reference: LabelVolume
  /// Of each region, voxels outside of the box.
  private let outside: (voxels: Int, hits: [Int])
  private let slices: Mutex<[[CalibrationBins]]>

  init(
    _ regions: [Region], plan: TrainingPlan, reference: LabelVolume, restoration: Restoration,
    loop: ParallelLoop
  ) {
    self.regions = regions.map { ScoredRegion($0, plan: plan) }
    outputs = plan.outputCount
    self.reference = reference.cropped(to: restoration.box).permuted(restoration.permutation, loop: loop)
    let inside = self.reference
    outside = (
      reference.labels.count - inside.labels.count,
      self.regions.map { $0.count(in: reference) - $0.count(in: inside) }
    )
    slices = Mutex(
      [[CalibrationBins]](
        repeating: regions.map { _ in CalibrationBins() }, count: self.reference.geometry.size.z))
  }

  func take(slice: Int, probabilities: UnsafeBufferPointer<Float>, entropy: UnsafeBufferPointer<Float>) {
    let plane = probabilities.count / outputs
    let labels = reference.labels[slice * plane..<(slice + 1) * plane]
    var sums = [Float](repeating: 0, count: plane)
    let found = regions.map { region in
      var bins = CalibrationBins()
      guard let first = region.outputs.first else { return bins }
      for voxel in 0..<plane { sums[voxel] = probabilities[first * plane + voxel] }
      for output in region.outputs.dropFirst() {
        for voxel in 0..<plane { sums[voxel] += probabilities[output * plane + voxel] }
      }
      bins.add(sums, labels.map { region.members[Int($0)] })
      return bins
    }
    slices.withLock { $0[slice] = found }
  }

  /// Each region's bins over the whole scan, after the prediction; nil where no output tells its probability.
  func bins() -> [CalibrationBins?] {
    slices.withLock { slices in
      regions.indices.map { index in
        if regions[index].outputs.isEmpty { return nil }
        var sum = CalibrationBins()
        for slice in slices { sum.add(slice[index]) }
        sum.add(0, voxels: outside.voxels, hits: outside.hits[index])
        return sum
      }
    }
  }
}

/// A region as labels and as what a network tells of it.
private struct ScoredRegion: Sendable {
  /// 1 for each label value that is part of it.
  let members: [UInt8]
  /// The outputs whose probabilities add up to the region's: those of its labels, or the region's own; none where no output
  /// tells it.
  let outputs: [Int]

  init(_ region: Region, plan: TrainingPlan) {
    var members = [UInt8](repeating: 0, count: Int(UInt16.max) + 1)
    for label in region.labels { members[Int(label)] = 1 }
    self.members = members
    switch plan.targets {
    case .labels:
      outputs = plan.labelValues.indices.filter { region.labels.contains(plan.labelValues[$0]) }
    case .regions:
      outputs = plan.regions.indices.filter { Set(plan.regions[$0].labels) == Set(region.labels) }
        .prefix(1).map { $0 }
    }
  }

  func count(in map: LabelVolume) -> Int { map.labels.reduce(0) { $0 + Int(members[Int($1)]) } }
}
