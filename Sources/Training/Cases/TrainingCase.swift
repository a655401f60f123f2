import Foundations
import Harmonization

/// A harmonised case as the trainer samples it.
package struct TrainingCase: Sendable {
  /// For messages that stay at the site.
  package let name: String
  /// Voxels along x, y, z.
  package let size: SIMD3<Int>
  package let channels: Int
  /// `(z, y, x, channel)`.
  package let image: FixedArray<Float>
  /// `(z, y, x)`, the class index of each voxel, and `outside` for background outside the brain.
  package let targets: [UInt8]
  /// Places of labelled voxels, per foreground class (or region) that the case has; at most 10,000 each (nnU-Net), evenly
  /// spread.
  package let foreground: [[Int32]]

  /// Stands in `targets` for background outside the brain, and is the same to what learns.
  package static let outside = UInt8.max

  /// `labelValues` gives the label of each class; the case must have labels, all of them named there.
  ///
  /// `regions` holds the classes that are looked for together where a patch is centred on the foreground; left out, each
  /// class but the first alone.
  package init(
    _ harmonized: HarmonizedCase, labelValues: [UInt16], regions: [[Int]]? = nil, name: String = ""
  ) {
    guard let labels = harmonized.labels else { preconditionFailure("a case without labels cannot train") }
    var classes = [UInt8](repeating: 0, count: Int(UInt16.max) + 1)
    classes[Int(HarmonizedCase.outside)] = Self.outside
    for (index, value) in labelValues.enumerated() { classes[Int(value)] = UInt8(index) }
    self.init(
      size: harmonized.size, channels: harmonized.channels, image: harmonized.image,
      targets: labels.withUnsafeBufferPointer { labels in labels.map { classes[Int($0)] } },
      classes: labelValues.count, regions: regions, name: name)
  }

  /// From arrays in the layout of `image` and `targets`, whose classes lie below `classes` or are `outside`.
  package init(
    size: SIMD3<Int>, channels: Int, image: FixedArray<Float>, targets: [UInt8], classes: Int,
    regions: [[Int]]? = nil, name: String = ""
  ) {
    precondition(
      targets.count == size.x * size.y * size.z && image.count == targets.count * channels,
      "the arrays do not fit the size")
    (self.size, self.channels) = (size, channels)
    (self.image, self.targets) = (image, targets)
    self.name = name
    let groups = regions ?? (1..<max(1, classes)).map { [$0] }
    let groupsOfClass = (0..<classes).map { item in groups.indices.filter { groups[$0].contains(item) } }
    var places = [[Int32]](repeating: [], count: groups.count)
    for (index, target) in targets.enumerated() where target != 0 && target != Self.outside {
      for group in groupsOfClass[Int(target)] { places[group].append(Int32(index)) }
    }
    foreground = places.filter { !$0.isEmpty }.map { list in
      let limit = 10_000
      if list.count <= limit { return list }
      return (0..<limit).map { list[$0 * list.count / limit] }
    }
  }
}
