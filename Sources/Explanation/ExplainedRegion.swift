import Metrics
import Training

/// A label or region whose heat map is wanted, and which of the network's outputs stand for it.
package struct ExplainedRegion: Sendable, Equatable {
  package let name: String
  /// Label values that make it up.
  package let labels: [UInt16]
  /// Of exclusive classes those of the labels, else the region's own.
  private let outputs: [Int]
  private let isExclusive: Bool
  private let outputCount: Int

  /// A region of the plan by its name, or of exclusive labels one by name or value; nil for anything else.
  package init?(named name: String, in plan: TrainingPlan) {
    self.name = name
    isExclusive = plan.targets == .labels
    outputCount = plan.outputCount
    if let index = plan.regions.firstIndex(where: { $0.name == name }) {
      labels = plan.regions[index].labels
      outputs =
        isExclusive
        ? plan.labels.indices.filter { plan.regions[index].labels.contains(plan.labels[$0].value) } : [index]
    } else if isExclusive,
      let index = plan.labels.firstIndex(where: { $0.name == name || "\($0.value)" == name }), index > 0
    {
      labels = [plan.labels[index].value]
      outputs = [index]
    } else {
      return nil
    }
  }

  /// All names that `init` knows.
  package static func names(in plan: TrainingPlan) -> [String] {
    let regions = plan.regions.map(\.name)
    if plan.targets == .regions { return regions }
    return regions + plan.labels.dropFirst().map(\.name).filter { !regions.contains($0) }
  }

  /// The gradient of the sum that Seg-Grad-CAM explains: over the voxels that the network calls the region, the logit that
  /// decides it there.
  ///
  /// - Parameters:
  ///   - logits: `(voxel, output)`.
  ///   - gradient: the same, overwritten: 1 or 0.
  /// - Returns: how many voxels are called the region.
  package func seed(
    logits: UnsafePointer<Float>, voxels: Int, into gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    gradient.update(repeating: 0, count: voxels * outputCount)
    var found = 0
    for voxel in 0..<voxels {
      let row = logits + voxel * outputCount
      let output: Int
      if isExclusive {
        // Of equal logits the first, as a prediction takes it.
        output = (1..<outputCount).reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      } else {
        output = row[outputs[0]] > 0 ? outputs[0] : -1
      }
      guard outputs.contains(output) else { continue }
      gradient[voxel * outputCount + output] = 1
      found += 1
    }
    return found
  }
}
