import Foundations
import Harmonization
import NeuralNetwork
import Tensor
import Testing
import Training

/// A patch as the sampler gave it.
private struct Sample: Equatable {
  var image: [Float]
  var targets: [UInt8]
}

private func sample(
  _ sampler: PatchSampler, _ plan: TrainingPlan, round: Int = 0, step: Int = 0, sample index: Int = 0
) -> Sample {
  let voxels = plan.patchAxes.product
  var sample = Sample(
    image: [Float](repeating: .nan, count: voxels * plan.contrasts.count),
    targets: [UInt8](repeating: 255, count: voxels))
  sample.image.withUnsafeMutableBufferPointer { image in
    sample.targets.withUnsafeMutableBufferPointer { targets in
      sampler.fill(
        round: round, step: step, sample: index, image: image.baseAddress!, targets: targets.baseAddress!,
        workspace: sampler.makeWorkspace())
    }
  }
  return sample
}

/// The voxel of the case at each voxel of a patch, nil outside.
private func places(
  _ patch: Axes, in size: SIMD3<Int>, origin: SIMD3<Int>, flips: SIMD3<Int>
) -> [Int?] {
  var result: [Int?] = []
  for d in 0..<patch.depth {
    for h in 0..<patch.height {
      for w in 0..<patch.width {
        let inside = SIMD3(
          flips.x == 1 ? patch.width - 1 - w : w, flips.y == 1 ? patch.height - 1 - h : h,
          flips.z == 1 ? patch.depth - 1 - d : d)
        let place = origin &+ inside
        let isInside = (0..<3).allSatisfy { place[$0] >= 0 && place[$0] < size[$0] }
        result.append(isInside ? (place.z * size.y + place.y) * size.x + place.x : nil)
      }
    }
  }
  return result
}

/// Least-squares gain and offset from `from` to `to`, and the largest deviation from that line.
private func line(from: [Float], to: [Float]) -> (gain: Double, offset: Double, error: Double) {
  let (x, y) = (from.map(Double.init), to.map(Double.init))
  let n = Double(x.count)
  let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
  let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
  let gain = covariance / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
  let offset = my - gain * mx
  return (gain, offset, zip(x, y).map { abs($1 - gain * $0 - offset) }.max() ?? 0)
}

struct PatchSamplerTests {
  private let size = SIMD3(9, 8, 7)

  /// Each patch is found in the case, by its targets, at one place and in one mirroring; the image lies there too.
  @Test func targetsFollowTheImage() throws {
    let plan = SampleCases.plan(patch: [8, 6, 4], contrasts: ["t1", "t2"])
    let item = try TrainingCase(
      SampleCases.harmonized(size, channels: 2), labelValues: plan.labelValues)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    var origins: Set<SIMD3<Int>> = []
    var mirrorings: Set<SIMD3<Int>> = []
    var changed = 0
    let steps = 120
    for step in 0..<steps {
      let found = sample(sampler, plan, step: step)
      var matches: [(SIMD3<Int>, SIMD3<Int>)] = []
      for z in 0...3 {
        for y in 0...2 {
          for x in 0...1 {
            for flip in 0..<8 {
              let (origin, flips) = (SIMD3(x, y, z), SIMD3(flip & 1, flip >> 1 & 1, flip >> 2))
              let map = places(plan.patchAxes, in: size, origin: origin, flips: flips)
              if map.map({ item.targets[$0!] }) == found.targets { matches.append((origin, flips)) }
            }
          }
        }
      }
      #expect(matches.count == 1)
      guard let (origin, flips) = matches.first else { continue }
      origins.insert(origin)
      mirrorings.insert(flips)
      let map = places(plan.patchAxes, in: size, origin: origin, flips: flips).map { $0! }
      for channel in 0..<2 {
        let fit = line(
          from: map.map { item.image[$0 * 2 + channel] },
          to: map.indices.map { found.image[$0 * 2 + channel] })
        #expect(fit.error < 1e-5)
        #expect((0.75...1.25).contains(fit.gain) && (-0.25...0.25).contains(fit.offset))
        if abs(fit.gain - 1) > 1e-4 { changed += 1 }
      }
    }
    // All 24 places and 8 mirrorings come up; 0.3 of the channels get another gain (five deviations: ±36).
    #expect(origins.count == 24 && mirrorings.count == 8)
    #expect(abs(Double(changed) - 0.3 * 2 * Double(steps)) < 36, "\(changed)")
  }

  @Test func mirrorsOnlyTheAxesOfThePlan() throws {
    let plan = SampleCases.plan(patch: [8, 8, 8], mirror: ["y"])
    let item = try TrainingCase(
      SampleCases.harmonized(SIMD3(8, 8, 8)), labelValues: plan.labelValues)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    let turned = places(plan.patchAxes, in: SIMD3(8, 8, 8), origin: .zero, flips: SIMD3(0, 1, 0))
      .map { item.targets[$0!] }
    let all = (0..<20).map { sample(sampler, plan, step: $0).targets }
    #expect(all.allSatisfy { $0 == item.targets || $0 == turned })
    #expect(all.contains(item.targets) && all.contains(turned))
  }

  /// Without augmentation and mirroring a patch of the case's size is the case.
  @Test func withoutAugmentationNothingIsChanged() throws {
    var plan = SampleCases.plan(patch: [8, 8, 8], mirror: [])
    plan.augmentation = AugmentationChoice(base: .off)
    let item = try TrainingCase(
      SampleCases.harmonized(SIMD3(8, 8, 8)), labelValues: plan.labelValues)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    for step in 0..<10 {
      let found = sample(sampler, plan, step: step)
      #expect(found.image.indices.allSatisfy { found.image[$0] == item.image[$0] })
      #expect(found.targets == item.targets)
    }
  }

  /// A case smaller than the patch lies whole in the middle of it, with 0 around.
  @Test(arguments: [SIMD3(7, 6, 5), SIMD3(3, 4, 1), SIMD3(8, 7, 2)])
  func zerosOutsideTheCase(size: SIMD3<Int>) throws {
    let plan = SampleCases.plan(patch: [8, 8, 8], mirror: [])
    let item = try TrainingCase(SampleCases.harmonized(size), labelValues: plan.labelValues)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    let origin = SIMD3(-((8 - size.x) / 2), -((8 - size.y) / 2), -((8 - size.z) / 2))
    let map = places(plan.patchAxes, in: size, origin: origin, flips: .zero)
    #expect(map.compactMap { $0 }.count == item.targets.count)
    for step in 0..<10 {
      let found = sample(sampler, plan, step: step)
      #expect(found.targets == map.map { $0.map { item.targets[$0] } ?? 0 })
      for (voxel, place) in map.enumerated() where place == nil { #expect(found.image[voxel] == 0) }
      #expect(found.image.filter { $0 != 0 }.count == item.targets.count)
    }
  }

  @Test(arguments: SampleCases.augmentations)
  func theOrderOfCallsDoesNotMatter(augmentation: AugmentationChoice) throws {
    var plan = SampleCases.plan(patch: [4, 4, 4], oversampling: 0.5)
    plan.augmentation = augmentation
    let cases = try (1...3).map {
      try TrainingCase(SampleCases.harmonized(size, seed: $0), labelValues: plan.labelValues)
    }
    let names = (0..<2).flatMap { round in (0..<3).flatMap { step in (0..<2).map { (round, step, $0) } } }
    func all(_ names: [(Int, Int, Int)], site: String = "a", seed: UInt64 = 5) -> [Sample] {
      let sampler = PatchSampler(plan: plan, cases: cases, site: site, seed: seed)
      return names.map { sample(sampler, plan, round: $0.0, step: $0.1, sample: $0.2) }
    }
    #expect(all(names) == all(names.reversed()).reversed())
    for (index, one) in all(names).enumerated() {
      #expect(all(names)[(index + 1)...].allSatisfy { $0 != one }, "two names, one patch")
    }
    #expect(zip(all(names), all(names, site: "b")).allSatisfy { $0 != $1 })
    #expect(zip(all(names), all(names, seed: 6)).allSatisfy { $0 != $1 })
  }

  /// nnU-Net's list keeps labels with the image: where a patch's voxel was read well inside a region of one
  /// label, which the image codes, the target is that label.
  @Test(arguments: [2, 3]) func augmentedTargetsFollowTheImage(dimensions: Int) throws {
    var plan = SampleCases.plan(patch: dimensions == 3 ? [8, 6, 4] : [8, 6, 1], dimensions: dimensions)
    plan.augmentation = .nnunet
    let size = SIMD3(24, 20, 12)
    var targets: [UInt8] = []
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x { targets.append(UInt8(x / 6 + y / 5 + z / 4) % 4) }
      }
    }
    let item = TrainingCase(
      size: size, channels: 1, image: FixedArray(targets.map { Float($0) + 1 }), targets: targets, classes: 4)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    var (seen, resampled) = (0, 0)
    for step in 0..<300 {
      var named = RandomStream(seed: 5, purpose: .augmentation, site: "a", round: 0, step: step, sample: 0)
      let recipe = NNUNetAugmentation(
        dimensions: dimensions, patch: plan.patchAxes, mirror: plan.mirror)
      let draw = recipe.draw(channels: 1, &named)
      // Only where the intensities stay: mirrored, turned, scaled.
      if draw.noise != nil || draw.channels != [.init()] { continue }
      let found = sample(sampler, plan, step: step)
      for (value, target) in zip(found.image, found.targets) {
        let nearest = value.rounded()
        if abs(value - nearest) > 1e-4 { continue }
        // 0 is what lies outside; 2 and 3 also come of mixing 1 to 4.
        if nearest == 1 || nearest == 4 || draw.rotation == nil && draw.scale == nil {
          #expect(target == (nearest == 0 ? 0 : UInt8(nearest - 1)))
          seen += 1
        }
      }
      if draw.rotation != nil || draw.scale != nil { resampled += 1 }
    }
    #expect(seen > 1000 && resampled > 10, "\(seen), \(resampled)")
  }

  /// What is known of the brain's outside ends with the sampler, and is no label that patches are centred on.
  @Test(arguments: SampleCases.augmentations, [2, 3])
  func outsideIsBackground(augmentation: AugmentationChoice, dimensions: Int) throws {
    var plan = SampleCases.plan(
      patch: dimensions == 3 ? [8, 6, 4] : [8, 6, 1], oversampling: 0.5, dimensions: dimensions)
    plan.augmentation = augmentation
    let count = size.x * size.y * size.z
    var targets = [UInt8](repeating: 0, count: count)
    var image = [Float](repeating: 0, count: count)
    for index in 0..<count {
      let isOutside = index % size.x < 4
      targets[index] = isOutside ? TrainingCase.outside : UInt8(index % 4)
      image[index] = isOutside ? 0 : Float(index % 7) + 5
    }
    let item = TrainingCase(
      size: size, channels: 1, image: FixedArray(image), targets: targets, classes: 4)
    #expect(item.foreground.count == 3)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    var zeros = 0
    for step in 0..<60 {
      let found = sample(sampler, plan, step: step)
      #expect(found.targets.allSatisfy { $0 < 4 } && found.image.allSatisfy(\.isFinite))
      for (value, target) in zip(found.image, found.targets) where value == 0 {
        #expect(target == 0)
        zeros += 1
      }
    }
    // Half of a patch on average; noise and gamma would have filled it.
    #expect(zeros > 60 * plan.patchAxes.product / 8)
  }

  /// With every patch asked to hold foreground, a single labelled voxel is in all of them.
  @Test(arguments: [SIMD3(0, 0, 0), SIMD3(19, 17, 15), SIMD3(10, 9, 8)])
  func oversamplingCentresOnForeground(place: SIMD3<Int>) throws {
    let plan = SampleCases.plan(patch: [4, 4, 4], oversampling: 1, labels: 2)
    let size = SIMD3(20, 18, 16)
    var labels = [UInt16](repeating: 0, count: size.x * size.y * size.z)
    labels[(place.z * size.y + place.y) * size.x + place.x] = 1
    let item = try TrainingCase(
      SampleCases.harmonized(size, labels: labels), labelValues: plan.labelValues)
    let sampler = PatchSampler(plan: plan, cases: [item], site: "a", seed: 5)
    for step in 0..<20 { #expect(sample(sampler, plan, step: step).targets.contains(1)) }
  }
}
