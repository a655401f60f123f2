import Foundation
import Foundations
import Kernels
import Tensor
import TestSupport
import Testing
import Training

/// Whole samples against batchgeneratorsv2's formulas in NumPy and SciPy, on every kernel variant.
@Suite(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
struct AugmentationTests {
  private func agrees(_ patch: AugmentedPatch, within tolerance: Double = 2e-5) throws {
    let expected = try patch.reference()
    let sure = expected.labels.filter { $0 >= 0 }.count
    #expect(sure * 100 >= expected.labels.count * 95)
    for kernels in KernelChoice.available {
      let found = patch.made(by: kernels)
      #expect(found.image.count == expected.image.count && found.labels.count == expected.labels.count)
      // NaN where it is not sure whether a voxel is outside the brain.
      let errors = zip(found.image, expected.image).map { $1.isNaN ? 0 : abs(Double($0) - $1) }
      for channel in patch.draw.channels.indices {
        let own = errors.indices.filter { $0 % patch.draw.channels.count == channel }
        let worst = own.map { errors[$0] }.max() ?? .infinity
        #expect(worst < tolerance, "\(kernels.name), channel \(channel): \(worst) of about 4")
      }
      let wrong = zip(found.labels, expected.labels).filter { $1 >= 0 && Int($0) != $1 }.count
      #expect(wrong == 0, "\(kernels.name): \(wrong) labels")
    }
    let fused = KernelChoice.available.filter { $0.name != "portable" }.map { patch.made(by: $0) }
    for other in fused.dropFirst() {
      #expect(fused[0].image.map(\.bitPattern) == other.image.map(\.bitPattern))
      #expect(fused[0].labels == other.labels)
    }
  }

  @Test(arguments: [SIMD3(1, 1, 1), SIMD3(-1, 1, -1)]) func turnedAndScaled(direction: SIMD3<Int>) throws {
    var patch = AugmentedPatch()
    patch.draw.rotation = SIMD3(0.4, -0.3, 0.5)
    patch.draw.scale = 1.2
    patch.draw.direction = direction
    try agrees(patch)
  }

  /// A patch that reaches beyond the case on all sides, and one that lies half outside.
  @Test(arguments: [SIMD3(-4, -3, -2), SIMD3(15, -8, 9)], [1, 3, 5])
  func beyondTheCase(origin: SIMD3<Int>, channels: Int) throws {
    var patch = AugmentedPatch(channels: channels)
    patch.size = SIMD3(14, 11, 9)
    patch.patch = SIMD3(22, 18, 12)
    patch.origin = origin
    patch.draw.direction = SIMD3(1, -1, 1)
    try agrees(patch)
    patch.draw.rotation = SIMD3(-0.2, 0.1, 0.5)
    try agrees(patch)
  }

  /// In 2D, and in 3D with each axis fixed in turn.
  @Test(arguments: [
    (SIMD3(24, 17, 1), 2), (SIMD3(17, 13, 4), 2), (SIMD3(4, 13, 14), 0), (SIMD3(14, 4, 13), 1),
  ])
  func fixedAxis(size: SIMD3<Int>, axis: Int) throws {
    var patch = AugmentedPatch(channels: 2)
    patch.patch = size
    patch.origin = SIMD3(2, 3, 4)
    patch.fixedAxis = axis
    var angles = SIMD3<Double>.zero
    angles[axis] = 2.3
    patch.draw.rotation = angles
    patch.draw.scale = 0.75
    patch.draw.direction = SIMD3(-1, 1, 1)
    patch.draw.channels[0].lowResolution = 0.6
    patch.draw.channels[1].blur = SIMD3(0.5, 0.8, 0.9)
    try agrees(patch)
  }

  @Test(arguments: [SIMD3(16, 12, 8), SIMD3(20, 18, 1), SIMD3(4, 3, 2)]) func blurred(size: SIMD3<Int>) throws
  {
    var patch = AugmentedPatch()
    patch.patch = size
    patch.origin = SIMD3(1, 1, 5)
    patch.draw.direction = SIMD3(-1, -1, -1)
    patch.draw.channels[0].blur = SIMD3(0.5, 0.75, 1)
    patch.draw.channels[2].blur = SIMD3(0.99, 0.51, 0.62)
    try agrees(patch)
  }

  @Test(arguments: [0.5, 0.53, 0.77, 0.99]) func lowered(scale: Double) throws {
    var patch = AugmentedPatch()
    patch.patch = SIMD3(17, 12, 9)
    patch.draw.direction = SIMD3(-1, 1, 1)
    patch.draw.channels[1].lowResolution = scale
    patch.draw.channels[3].lowResolution = 1.5 - scale
    try agrees(patch)
  }

  /// Contrast cuts off at the old range where it grows; brightness comes before it.
  @Test(arguments: [0.75, 1.25]) func brightnessAndContrast(contrast: Double) throws {
    var patch = AugmentedPatch(channels: 3)
    patch.draw.channels[0].contrast = contrast
    patch.draw.channels[1].brightness = 0.8
    patch.draw.channels[1].contrast = contrast
    patch.draw.channels[2].brightness = 1.2
    try agrees(patch)
  }

  @Test func gamma() throws {
    var patch = AugmentedPatch(channels: 4)
    patch.draw.direction = SIMD3(1, -1, 1)
    patch.draw.channels[0].gamma = 0.7
    patch.draw.channels[1].invertedGamma = 1.5
    patch.draw.channels[2].invertedGamma = 0.8
    patch.draw.channels[2].gamma = 1.3
    patch.draw.channels[3].contrast = 1.2
    patch.draw.channels[3].gamma = 1.1
    try agrees(patch)
  }

  /// Outside the brain the image is 0 at the end, whatever is done to it.
  @Test(arguments: [false, true]) func outsideTheBrain(isTurned: Bool) throws {
    var patch = AugmentedPatch(channels: 3)
    patch.hasOutside = true
    patch.origin = SIMD3(-2, -1, 0)
    patch.draw.direction = SIMD3(1, -1, 1)
    if isTurned { patch.draw.rotation = SIMD3(0.3, 0.2, -0.4) }
    patch.draw.channels[0].gamma = 0.8
    patch.draw.channels[1].contrast = 1.2
    patch.draw.channels[2].blur = SIMD3(0.6, 0.7, 0.8)
    // Equal values, the many zeros outside, are all rounded the same way where gamma's deviation is summed up: the same
    // sums in NumPy's single precision are as far off (5e-5).
    try agrees(patch, within: 1e-4)
    let found = patch.made(by: KernelChoice.current)
    #expect(found.image.filter { $0 == 0 }.count > 3 * 100 && !found.labels.contains(TrainingCase.outside))
  }

  @Test(arguments: [nil, 0, 2], [false, true]) func deformed(fixedAxis: Int?, isTurned: Bool) throws {
    var patch = AugmentedPatch(channels: 2)
    patch.patch = SIMD3(19, 18, 8)
    patch.fixedAxis = fixedAxis
    patch.draw.elastic = .init(magnitude: 3.5, key: SIMD2(8, 9))
    patch.draw.direction = SIMD3(-1, 1, 1)
    if isTurned {
      patch.draw.rotation = SIMD3(0.2, 0.1, -0.4)
      if let fixedAxis {
        for axis in 0..<3 where axis != fixedAxis { patch.draw.rotation?[axis] = 0 }
      }
      patch.draw.scale = 0.9
    }
    try agrees(patch)
  }

  /// Two ghosts on either side are k-space lines that are weaker and stronger in turn.
  @Test(arguments: [0, 1, 2]) func ghosts(axis: Int) throws {
    var patch = AugmentedPatch(channels: 3)
    patch.hasOutside = true
    patch.origin = SIMD3(1, 2, 3)
    patch.draw.direction = SIMD3(1, -1, -1)
    patch.draw.ghosts = .init(axis: axis, count: 5)
    patch.draw.channels[0].ghosting = 0.2
    patch.draw.channels[2].ghosting = -0.1
    try agrees(patch)
  }

  @Test(arguments: [0, 1, 2], [1.5, 2, 2.7, 4]) func thickSlices(axis: Int, thickness: Double) throws {
    var patch = AugmentedPatch(channels: 2)
    patch.patch = SIMD3(17, 12, 9)
    patch.draw.channels[1].slices = .init(axis: axis, thickness: thickness)
    try agrees(patch)
  }

  @Test(arguments: [2, 3]) func biasField(dimensions: Int) throws {
    var patch = AugmentedPatch(channels: 2)
    if dimensions == 2 {
      patch.patch = SIMD3(16, 12, 1)
      patch.fixedAxis = 2
    }
    let count = BiasFieldDraw.powers(dimensions: dimensions).count
    patch.draw.channels[1].biasField = BiasFieldDraw(
      dimensions: dimensions, coefficients: (0..<count).map { 0.3 - 0.05 * Double($0 * 5 % 13) })
    try agrees(patch)
  }

  @Test func everythingAtOnce() throws {
    var patch = AugmentedPatch(channels: 4)
    patch.draw.rotation = SIMD3(-0.5, 0.2, 0.1)
    patch.draw.scale = 0.9
    patch.draw.direction = SIMD3(-1, 1, -1)
    for c in 0..<4 {
      patch.draw.channels[c].slices = .init(axis: c % 3, thickness: 2)
      patch.draw.channels[c].biasField = BiasFieldDraw(
        dimensions: 3, coefficients: (0..<19).map { 0.02 * Double($0) - 0.2 })
      patch.draw.channels[c].blur = SIMD3(0.6, 0.7, 0.8)
      patch.draw.channels[c].brightness = 0.9
      patch.draw.channels[c].contrast = c % 2 == 0 ? 1.2 : 0.8
      patch.draw.channels[c].lowResolution = 0.7
      patch.draw.channels[c].invertedGamma = 0.9
      patch.draw.channels[c].gamma = 1.4
    }
    try agrees(patch)
  }

  /// A contrast without contrast stays what it is.
  @Test func constantChannel() throws {
    var patch = AugmentedPatch(channels: 1)
    patch.isConstant = true
    patch.draw.channels[0].contrast = 1.1
    patch.draw.channels[0].invertedGamma = 0.8
    patch.draw.channels[0].gamma = 0.8
    try agrees(patch)
  }
}
