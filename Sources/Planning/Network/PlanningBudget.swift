/// What a network may take.
package protocol PlanningBudget: Sendable {
  /// Whether a network fits with the least batch, which `network` has. Throws what compiling it throws.
  func allows(_ network: PlannedNetwork) throws -> Bool

  /// The largest batch for a network that fits; at most `limit`, from which on a larger one is of no use.
  func largestBatch(_ network: PlannedNetwork, limit: Int) throws -> Int

  /// What the network takes and the budget has, for the message that nothing fits.
  func shortage(_ network: PlannedNetwork) throws -> (needed: String, allowed: String)
}

/// nnU-Net's own budget: an estimate of a GPU's memory by counting feature maps, tuned by its authors; to compare plans
/// with nnU-Net's like for like.
package struct NNUNetBudget: PlanningBudget {
  package let gigabytes: Double
  /// With background.
  package let labels: Int

  package init(gigabytes: Double, labels: Int) { (self.gigabytes, self.labels) = (gigabytes, labels) }

  /// Feature map values of the reference network at the reference batch.
  private func reference(_ network: PlannedNetwork) -> Double {
    let values: Double =
      switch (network.encoder, network.dimensions) {
      case (.plain, 2): 85_000_000
      case (.plain, _): 560_000_000
      case (.residual, 2): 135_000_000
      case (.residual, _): 680_000_000
      }
    return values * gigabytes / 8
  }

  private func referenceBatch(_ network: PlannedNetwork) -> Double { network.dimensions == 2 ? 12 : 2 }

  private func estimate(_ network: PlannedNetwork) -> Double {
    Double(network.featureMapValues(labels: labels))
  }

  package func allows(_ network: PlannedNetwork) -> Bool {
    switch network.encoder {
    // Its reference stands for another batch than the least.
    case .plain: estimate(network) / referenceBatch(network) * 2 <= reference(network)
    case .residual: estimate(network) <= reference(network)
    }
  }

  package func largestBatch(_ network: PlannedNetwork, limit: Int) -> Int {
    let batch = (reference(network) / estimate(network) * referenceBatch(network)).rounded(.toNearestOrEven)
    return min(limit, Int(batch))
  }

  package func shortage(_ network: PlannedNetwork) -> (needed: String, allowed: String) {
    func text(_ gigabytes: Double) -> String {
      "an nnU-Net budget of \((gigabytes * 100).rounded(.up) / 100) GB"
    }
    return (text(estimate(network) / reference(network) * gigabytes), text(gigabytes))
  }
}
