extension TrainingPlan {
  /// What the network's outputs stand for.
  package enum Targets: String, Sendable, Codable, CaseIterable {
    /// One label for each voxel: softmax over the labels, background first.
    case labels
    /// Yes or no for each region: a sigmoid each, so that regions may overlap (nnU-Net's region-based training).
    case regions
  }

  /// The network's output channels.
  package var outputCount: Int {
    switch targets {
    case .labels: labels.count
    case .regions: regions.count
    }
  }

  /// The label value that a voxel takes from each region, where the regions are painted in their order (nnU-Net's
  /// `regions_class_order`): one of the region's that no later region has, the least of them; else the region's least.
  package var paintedLabels: [UInt16] {
    regions.indices.map { index in
      let later = Set(regions[(index + 1)...].flatMap(\.labels))
      let own = regions[index].labels.filter { !later.contains($0) }
      return (own.isEmpty ? regions[index].labels : own).min() ?? 0
    }
  }
}
