import Foundations
import Tensor
import Testing
import Training

/// What is drawn: as often and as far as nnU-Net draws it.
struct NNUNetAugmentationTests {
  private static let count = 20_000

  private func draws(_ recipe: NNUNetAugmentation, channels: Int = 4) -> [AugmentationDraw] {
    (0..<Self.count).map {
      var stream = RandomStream(seed: 3, purpose: .augmentation, site: "a", step: $0)
      return recipe.draw(channels: channels, &stream)
    }
  }

  /// The share of `values` that are there, within five deviations of `probability`.
  private func check(_ present: [Bool], _ probability: Double, _ name: String) {
    let share = Double(present.filter { $0 }.count) / Double(present.count)
    let deviation = (probability * (1 - probability) / Double(present.count)).squareRoot()
    #expect(abs(share - probability) < 5 * deviation, "\(name): \(share)")
  }

  /// All values lie in the range, come near both ends, and half of them lie below `median`.
  private func check(_ values: [Double], in range: ClosedRange<Double>, median: Double, _ name: String) {
    let width = range.upperBound - range.lowerBound
    #expect(values.allSatisfy(range.contains), "\(name)")
    #expect((values.min() ?? .nan) - range.lowerBound < 0.02 * width, "\(name)")
    #expect(range.upperBound - (values.max() ?? .nan) < 0.02 * width, "\(name)")
    check(values.map { $0 < median }, 0.5, name + "'s median")
  }

  @Test func probabilitiesAndRangesAreNNUNets() {
    let recipe = NNUNetAugmentation(dimensions: 3, patch: Axes(32, 32, 32), mirror: ["x", "y", "z"])
    let all = draws(recipe)
    check(all.map { $0.rotation != nil }, 0.2, "rotation")
    check(all.map { $0.scale != nil }, 0.2, "scaling")
    check(all.map { $0.noise != nil }, 0.1, "noise")
    check(all.compactMap(\.scale), in: 0.7...1.4, median: 1.05, "scaling")
    check(all.compactMap { $0.noise?.deviation }, in: 0...0.1, median: 0.05, "noise")
    for axis in 0..<3 {
      check(all.map { $0.direction[axis] < 0 }, 0.5, "mirror \(axis)")
      let most = Double.pi / 6
      check(all.compactMap { $0.rotation?[axis] }, in: -most...most, median: 0, "rotation \(axis)")
      check(
        all.flatMap { $0.channels.compactMap { $0.blur?[axis] } }, in: 0.5...1, median: 0.75, "blur \(axis)")
    }
    // A channel at a time: one sample's channels are not independent of one another.
    for c in 0..<4 {
      let channel = all.map { $0.channels[c] }
      check(channel.map { $0.blur != nil }, 0.2 * 0.5, "blur")
      check(channel.map { $0.brightness != nil }, 0.15, "brightness")
      check(channel.map { $0.contrast != nil }, 0.15, "contrast")
      check(channel.map { $0.lowResolution != nil }, 0.25 * 0.5, "low resolution")
      check(channel.map { $0.invertedGamma != nil }, 0.1, "inverted gamma")
      check(channel.map { $0.gamma != nil }, 0.3, "gamma")
      check(channel.compactMap(\.brightness), in: 0.75...1.25, median: 1, "brightness")
      check(channel.compactMap(\.contrast), in: 0.75...1.25, median: 1, "contrast")
      check(channel.compactMap(\.lowResolution), in: 0.5...1, median: 0.75, "low resolution")
      check(channel.compactMap(\.invertedGamma), in: 0.7...1.5, median: 1, "inverted gamma")
      check(channel.compactMap(\.gamma), in: 0.7...1.5, median: 1, "gamma")
    }
  }

  @Test(arguments: [2, 3]) func artefactsComeAsOftenAsThePlanSays(dimensions: Int) {
    var choice = AugmentationChoice.nnunet
    (choice.elastic, choice.elasticMagnitude) = (0.25, 3)
    (choice.biasField, choice.ghosting, choice.anisotropicBlur) = (0.15, 0.4, 0.3)
    let recipe = NNUNetAugmentation(
      dimensions: dimensions, patch: Axes(dimensions == 2 ? 1 : 32, 32, 32), mirror: [], choice: choice)
    let all = draws(recipe)
    check(all.map { $0.elastic != nil }, 0.25, "elastic")
    check(all.compactMap { $0.elastic?.magnitude }, in: 0...3, median: 1.5, "elastic")
    check(all.map { $0.ghosts != nil }, 0.4, "ghosts")
    for count in 4...10 { check(all.compactMap { $0.ghosts.map { $0.count == count } }, 1 / 7, "\(count)") }
    #expect(dimensions == 3 || all.allSatisfy { $0.ghosts?.axis != 2 && $0.channels[1].slices?.axis != 2 })
    for axis in 0..<dimensions {
      let share = 1 / Double(dimensions)
      check(all.compactMap { $0.ghosts.map { $0.axis == axis } }, share, "ghosts along \(axis)")
      check(
        all.compactMap { $0.channels[1].slices.map { $0.axis == axis } }, share, "slices across \(axis)")
    }
    for c in 0..<4 {
      let channel = all.map { $0.channels[c] }
      check(channel.map { $0.ghosting != nil }, 0.4 * 0.5, "ghosting")
      check(channel.map { $0.slices != nil }, 0.3 * 0.5, "slices")
      check(channel.map { $0.biasField != nil }, 0.15 * 0.5, "bias field")
      check(channel.compactMap { $0.ghosting.map(abs) }, in: 0.05...0.15, median: 0.1, "ghosting")
      check(channel.compactMap { $0.ghosting.map { $0 < 0 } }, 0.5, "ghosting's sign")
      check(channel.compactMap { $0.slices?.thickness }, in: 1.5...4, median: 2.75, "slices")
      for term in 0..<(dimensions == 3 ? 19 : 9) {
        check(
          channel.compactMap { $0.biasField?.terms[term].coefficient }, in: -0.3...0.3, median: 0, "field")
      }
    }
  }

  /// What a plan adds shifts nothing of nnU-Net's list, and is off by default.
  @Test func whatIsAddedShiftsNothing() {
    var choice = AugmentationChoice.nnunetMR
    choice.elastic = 0.5
    let patch = Axes(32, 32, 32)
    let plain = draws(NNUNetAugmentation(dimensions: 3, patch: patch, mirror: ["x"]))
    var more = draws(NNUNetAugmentation(dimensions: 3, patch: patch, mirror: ["x"], choice: choice))
    #expect(more != plain)
    for index in more.indices {
      (more[index].elastic, more[index].ghosts) = (nil, nil)
      for c in 0..<4 {
        more[index].channels[c].ghosting = nil
        (more[index].channels[c].slices, more[index].channels[c].biasField) = (nil, nil)
      }
    }
    #expect(more == plain)
  }

  /// The thick axis of an anisotropic patch gets no artefact.
  @Test func artefactsLeaveTheFixedAxis() {
    let recipe = NNUNetAugmentation(
      dimensions: 3, patch: Axes(16, 64, 64), mirror: [], choice: .nnunetMR)
    let all = draws(recipe)
    #expect(all.contains { $0.ghosts != nil } && all.allSatisfy { $0.ghosts?.axis != 2 })
    #expect(all.allSatisfy { $0.channels.allSatisfy { $0.slices?.axis != 2 } })
  }

  @Test func mirrorsOnlyTheAxesOfThePlan() {
    let all = draws(NNUNetAugmentation(dimensions: 3, patch: Axes(32, 32, 32), mirror: ["y"]))
    #expect(all.allSatisfy { $0.direction.x == 1 && $0.direction.z == 1 })
    check(all.map { $0.direction.y < 0 }, 0.5, "mirror")
  }

  /// nnU-Net's `configure_rotation_dummyDA_mirroring_and_inital_patch_size`.
  @Test(arguments: [
    (2, Axes(1, 192, 192), 180.0, 2), (2, Axes(1, 100, 150), 180, 2), (2, Axes(1, 160, 100), 15, 2),
    (3, Axes(64, 64, 64), 30, nil), (3, Axes(16, 48, 48), 30, nil), (3, Axes(16, 48, 49), 180, 2),
    (3, Axes(128, 20, 96), 180, 1),
  ])
  func rotationFollowsThePatch(dimensions: Int, patch: Axes, degrees: Double, axis: Int?) {
    let recipe = NNUNetAugmentation(dimensions: dimensions, patch: patch, mirror: [])
    #expect(recipe.degrees == degrees && recipe.fixedAxis == axis)
    let angles = draws(recipe).compactMap(\.rotation)
    for other in 0..<3 where axis != nil && other != axis { #expect(angles.allSatisfy { $0[other] == 0 }) }
    let most = degrees * Double.pi / 180
    check(angles.map { $0[axis ?? 0] }, in: -most...most, median: 0, "angles")
  }
}
