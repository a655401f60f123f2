import Foundations
import Tensor

/// Cuts patches from cases into a batch, each named by (site, round, step, sample): no order of calls matters.
package struct PatchSampler: Sendable {
  private let cases: [TrainingCase]
  private let patch: Axes
  private let foregroundShare: Double
  private let mirror: [Bool]
  private let augmentation: AugmentationChoice
  private let nnunet: NNUNetAugmentation
  private let channels: Int
  private let seed: UInt64
  private let site: String

  package init(plan: TrainingPlan, cases: [TrainingCase], site: String, seed: UInt64) {
    precondition(!cases.isEmpty, "a sampler needs cases")
    self.cases = cases
    patch = plan.patchAxes
    foregroundShare = plan.foregroundOversampling
    mirror = ["x", "y", "z"].map { plan.mirror.contains($0) }
    augmentation = plan.augmentation
    nnunet = NNUNetAugmentation(
      dimensions: plan.dimensions, patch: plan.patchAxes, mirror: plan.mirror, choice: plan.augmentation)
    channels = plan.contrasts.count
    self.seed = seed
    self.site = site
  }

  /// The cases that the first `samples` samples of a step are cut from, each once, by name.
  package func caseNames(round: Int, step: Int, samples: Int) -> [String] {
    Set(
      (0..<samples).map { sample in
        var stream = stream(.patch, round: round, step: step, sample: sample)
        return cases[stream.integer(below: cases.count)].name
      }
    ).sorted()
  }

  private func stream(
    _ purpose: RandomStream.Purpose, round: Int, step: Int, sample: Int
  ) -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, site: site, round: round, step: step, sample: sample)
  }

  /// Memory for `fill`, one for each thread that calls it.
  package func makeWorkspace() -> PatchWorkspace { PatchWorkspace(patch: patch, channels: channels) }

  /// Fills one sample: `image` `(depth, height, width, channel)` and `targets` `(depth, height, width)`.
  ///
  /// Outside the case the image is 0 and the target background.
  package func fill(
    round: Int, step: Int, sample: Int, image: UnsafeMutablePointer<Float>,
    targets: UnsafeMutablePointer<UInt8>, workspace: PatchWorkspace
  ) {
    var stream = stream(.patch, round: round, step: step, sample: sample)
    let item = cases[stream.integer(below: cases.count)]
    let origin = origin(in: item, &stream)
    switch augmentation.base {
    case .gainOffset, .off:
      var direction = SIMD3(1, 1, 1)
      for axis in 0..<3 where mirror[axis] && stream.uniform() < 0.5 { direction[axis] = -1 }
      let frame = PatchFrame(patch: patch, origin: origin, direction: direction)
      workspace.read(item, frame, image: image, targets: targets)
      if augmentation.base == .off { return }
      IntensityAugmentation.apply(
        image, voxels: patch.product, channels: item.channels, stream: &stream)
    case .nnunet:
      var draws = self.stream(.augmentation, round: round, step: step, sample: sample)
      let draw = nnunet.draw(channels: channels, &draws)
      let frame = PatchFrame(
        patch: patch, origin: origin, draw: draw, fixedAxis: nnunet.fixedAxis,
        magnitude: augmentation.elasticMagnitude)
      workspace.fill(
        item, frame, draw, fixedAxis: nnunet.fixedAxis, image: image, targets: targets)
    }
  }

  /// The patch's first voxel in the case; it may lie outside where the case is smaller than the patch.
  private func origin(in item: TrainingCase, _ stream: inout RandomStream) -> SIMD3<Int> {
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
    return SIMD3(x, y, z)
  }
}
