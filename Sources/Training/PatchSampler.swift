import Foundations
import Tensor

/// Cuts patches from cases into a batch, each named by (site, round, step, sample): no order of calls matters.
package struct PatchSampler: Sendable {
  private let cases: [TrainingCase]
  private let patch: Axes
  private let foregroundShare: Double
  private let mirror: (x: Bool, y: Bool, z: Bool)
  private let seed: UInt64
  private let site: String

  package init(plan: TrainingPlan, cases: [TrainingCase], site: String, seed: UInt64) {
    precondition(!cases.isEmpty, "a sampler needs cases")
    self.cases = cases
    patch = plan.patchAxes
    foregroundShare = plan.foregroundOversampling
    mirror = (plan.mirror.contains("x"), plan.mirror.contains("y"), plan.mirror.contains("z"))
    self.seed = seed
    self.site = site
  }

  /// Fills one sample: `image` `(depth, height, width, channel)` and `targets` `(depth, height, width)`.
  ///
  /// Outside the case the image is 0 and the target background.
  package func fill(
    round: Int, step: Int, sample: Int, image: UnsafeMutablePointer<Float>,
    targets: UnsafeMutablePointer<UInt8>
  ) {
    var stream = RandomStream(
      seed: seed, purpose: .patch, site: site, round: round, step: step, sample: sample)
    let item = cases[stream.integer(below: cases.count)]
    let origin = origin(in: item, &stream)
    let flips = (
      mirror.x && stream.uniform() < 0.5, mirror.y && stream.uniform() < 0.5,
      mirror.z && stream.uniform() < 0.5
    )
    copy(item, origin: origin, flips: flips, image: image, targets: targets)
    IntensityAugmentation.apply(
      image, voxels: patch.product, channels: item.channels, stream: &stream)
  }

  /// The patch's first voxel in the case; it may lie outside where the case is smaller than the patch.
  private func origin(in item: TrainingCase, _ stream: inout RandomStream) -> (x: Int, y: Int, z: Int) {
    var centre: (Int, Int, Int)?
    if stream.uniform() < foregroundShare, !item.foreground.isEmpty {
      let places = item.foreground[stream.integer(below: item.foreground.count)]
      let place = Int(places[stream.integer(below: places.count)])
      centre = (
        place % item.size.x, place / item.size.x % item.size.y, place / (item.size.x * item.size.y)
      )
    }
    func start(_ extent: Int, _ patch: Int, _ centre: Int?) -> Int {
      let room = extent - patch
      if room <= 0 { return -((-room) / 2) }
      guard let centre else { return stream.integer(below: room + 1) }
      return min(max(centre - patch / 2, 0), room)
    }
    let x = start(item.size.x, patch.width, centre?.0)
    let y = start(item.size.y, patch.height, centre?.1)
    let z = start(item.size.z, patch.depth, centre?.2)
    return (x, y, z)
  }

  private func copy(
    _ item: TrainingCase, origin: (x: Int, y: Int, z: Int), flips: (x: Bool, y: Bool, z: Bool),
    image: UnsafeMutablePointer<Float>, targets: UnsafeMutablePointer<UInt8>
  ) {
    let channels = item.channels
    image.update(repeating: 0, count: patch.product * channels)
    targets.update(repeating: 0, count: patch.product)
    item.image.withUnsafeBufferPointer { source in
      item.targets.withUnsafeBufferPointer { labels in
        for d in 0..<patch.depth {
          let z = origin.z + (flips.z ? patch.depth - 1 - d : d)
          if z < 0 || z >= item.size.z { continue }
          for h in 0..<patch.height {
            let y = origin.y + (flips.y ? patch.height - 1 - h : h)
            if y < 0 || y >= item.size.y { continue }
            let row = (z * item.size.y + y) * item.size.x
            let out = (d * patch.height + h) * patch.width
            for w in 0..<patch.width {
              let x = origin.x + (flips.x ? patch.width - 1 - w : w)
              if x < 0 || x >= item.size.x { continue }
              targets[out + w] = labels[row + x]
              let from = source.baseAddress! + (row + x) * channels
              let to = image + (out + w) * channels
              for c in 0..<channels { to[c] = from[c] }
            }
          }
        }
      }
    }
  }
}
