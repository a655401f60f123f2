import Fingerprint
import Training

/// Everything that a plan for some data is written from.
package struct PlanDraft: Sendable {
  package let name: String
  package let statistics: DataStatistics
  /// In mm along x, y, z; nil for pictures.
  package let spacing: SIMD3<Double>?
  /// Voxels along x, y, z of the typical cropped scan at that spacing.
  package let medianSize: SIMD3<Double>
  package let network: PlannedNetwork
  /// The data set's own names and regions.
  package let labels: [TrainingPlan.Label]
  package let regions: [String]
  /// Whether the data set itself names unions of labels to train on, as nnU-Net's `regions` do.
  package let trainsRegions: Bool
  package let rounds: Int
  /// What the network fits into, such as `8.00 GB of memory`.
  package let budget: String

  package init(
    name: String, statistics: DataStatistics, spacing: SIMD3<Double>?, medianSize: SIMD3<Double>,
    network: PlannedNetwork, plan: TrainingPlan, trainsRegions: Bool, rounds: Int, budget: String
  ) {
    (self.name, self.statistics, self.spacing, self.medianSize) = (name, statistics, spacing, medianSize)
    (self.network, self.trainsRegions, self.rounds, self.budget) = (network, trainsRegions, rounds, budget)
    labels = plan.labels
    regions = plan.regions.map { region in
      "{name: \(Self.quoted(region.name)), labels: \(Self.list(region.labels.map(Int.init)))}"
    }
  }

  /// nnU-Net's iterations of an epoch, and its epochs.
  package static let localSteps = 250
  package static let mostRounds = 1000

  /// How much of the typical scan a patch covers; more than 1 where it is larger.
  package var coverage: Double { Self.coverage(network, medianSize: medianSize) }

  package var isCascadeCase: Bool { Self.isCascadeCase(network, medianSize: medianSize) }

  private static func coverage(_ network: PlannedNetwork, medianSize size: SIMD3<Double>) -> Double {
    Double(network.patchVoxels) / (size.x * size.y * (network.dimensions == 2 ? 1 : size.z))
  }

  /// Whether nnU-Net would add a network at a lower resolution, and a cascade.
  ///
  /// It does where a patch covers less than a quarter of the typical scan, but drops it where a lower resolution with fewer
  /// than half the voxels is not needed for that: together less than an eighth.
  package static func isCascadeCase(_ network: PlannedNetwork, medianSize: SIMD3<Double>) -> Bool {
    network.dimensions == 3 && coverage(network, medianSize: medianSize) < 0.125
  }
}
