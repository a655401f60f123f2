import Foundations
import Imaging

/// What is taken out of a predicted label map: small components, or all but the largest (nnU-Net's postprocessing, MONAI's
/// `KeepLargestConnectedComponent` and `RemoveSmallObjects`). What is taken out becomes background.
package struct LabelCleanup: Sendable, Equatable {
  /// What each largest component is of.
  package enum Largest: String, Sendable, CaseIterable {
    /// All labels above 0 together.
    case foreground
    /// Each label, or each region where the network's outputs are regions.
    case each
  }

  package enum Size: Sendable, Equatable {
    case voxels(Int)
    case cubicMillimetres(Double)

    /// `50` or `50voxels`, or `12.5mm3`; nil for anything else.
    package init?(_ text: String) {
      let text = text.lowercased().filter { $0 != " " }
      if text.hasSuffix("mm3"), let volume = Double(text.dropLast(3)), volume.isFinite, volume > 0 {
        self = .cubicMillimetres(volume)
      } else if let count = Int(text.hasSuffix("voxels") ? String(text.dropLast(6)) : text), count > 0 {
        self = .voxels(count)
      } else {
        return nil
      }
    }
  }

  /// nil keeps all; of equally large components all are kept, as nnU-Net does.
  package var largest: Largest?
  /// Components of a label, or region, below this go; nil keeps all.
  package var minimum: Size?
  /// nnU-Net's and MONAI's default.
  package var connectivity = Connectivity.corners

  package init(largest: Largest? = nil, minimum: Size? = nil) {
    self.largest = largest
    self.minimum = minimum
  }

  /// The map cleaned up: first all but the largest, then the small.
  package func applied(to map: LabelVolume, plan: TrainingPlan, loop: ParallelLoop) -> LabelVolume {
    if largest == nil && minimum == nil { return map }
    var map = map
    let foreground = plan.labelValues.filter { $0 != 0 }
    let each =
      plan.targets == .regions ? plan.regions.map(\.labels) : foreground.map { [$0] }
    switch largest {
    case .foreground: remove(from: &map, of: foreground, loop: loop) { counts in counts.max() ?? 0 }
    case .each: for labels in each { remove(from: &map, of: labels, loop: loop) { $0.max() ?? 0 } }
    case nil: break
    }
    if let minimum {
      let spacing = map.geometry.spacing
      let voxel = spacing.x * spacing.y * spacing.z
      let least =
        switch minimum {
        case .voxels(let count): count
        case .cubicMillimetres(let volume): Int((volume / voxel - 1e-9).rounded(.up))
        }
      for labels in each { remove(from: &map, of: labels, loop: loop) { _ in least } }
    }
    return map
  }

  /// Sets to 0 the components of some labels' mask that have fewer voxels than `least` says of all their counts.
  private func remove(
    from map: inout LabelVolume, of labels: [UInt16], loop: ParallelLoop, least: ([Int]) -> Int
  ) {
    let wanted = Set(labels)
    let mask = map.labels.map { $0 != 0 && wanted.contains($0) ? UInt8(1) : 0 }
    let size = map.geometry.size
    guard let box = GridBox(around: mask, size: size, loop: loop) else { return }
    let components = ConnectedComponents(
      in: mask, box: box, size: size, connectivity: connectivity, loop: loop)
    let counts = components.voxelCounts()
    let least = least(counts)
    components.forEachRun { component, columns, j, k in
      guard counts[component] < least else { return }
      let row = size.x * (j + size.y * k)
      for i in columns { map.labels[row + i] = 0 }
    }
  }
}
