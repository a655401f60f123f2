import Foundation
import Foundations
import Interchange
import Kernels
import Tensor
import Testing
import Training

/// What batchgeneratorsv2's own transforms make of a case: `Tests/Python/augmentation_golden.py` made the file.
@Suite struct AugmentationGoldenTests {
  private let tensors: [String: NamedTensor]
  /// Along x, y, z.
  private let size: SIMD3<Int>
  private static let channels = 2

  init() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/augmentation.safetensors").path
    let file = try SafetensorsFile.read(path)
    tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    let shape = try #require(tensors["labels"]).shape
    size = SIMD3(shape[2], shape[1], shape[0])
  }

  private func tensor(_ name: String) throws -> NamedTensor { try #require(tensors[name]) }

  private func parameters(_ name: String) throws -> [Double] {
    try tensor("\(name).parameters").values.map(Double.init)
  }

  /// The case; without its mask all of it is inside the brain.
  private func item(isMasked: Bool) throws -> TrainingCase {
    let (image, labels) = (try tensor("image").values, try tensor("labels").values)
    let count = labels.count
    let interleaved = (0..<(count * Self.channels)).map {
      image[$0 % Self.channels * count + $0 / Self.channels]
    }
    return TrainingCase(
      size: size, channels: Self.channels, image: FixedArray(interleaved),
      targets: labels.map { $0 < 0 ? (isMasked ? TrainingCase.outside : 0) : UInt8($0) }, classes: 3)
  }

  /// A patch in the middle of the case, channels first.
  private func made(
    _ draw: AugmentationDraw, patch: SIMD3<Int>, fixedAxis: Int? = nil, isMasked: Bool,
    by kernels: any KernelSet.Type
  ) throws -> (image: [Float], labels: [UInt8]) {
    let axes = Axes(patch.z, patch.y, patch.x)
    let workspace = PatchWorkspace(patch: axes, channels: Self.channels, kernels: kernels)
    let frame = PatchFrame(patch: axes, origin: (size &- patch) / 2, draw: draw, fixedAxis: fixedAxis)
    var image = [Float](repeating: .nan, count: axes.product * Self.channels)
    var labels = [UInt8](repeating: 255, count: axes.product)
    let item = try item(isMasked: isMasked)
    image.withUnsafeMutableBufferPointer { image in
      labels.withUnsafeMutableBufferPointer { labels in
        workspace.fill(
          item, frame, draw, fixedAxis: fixedAxis, image: image.baseAddress!, targets: labels.baseAddress!)
      }
    }
    let planes = (0..<image.count).map { image[$0 % axes.product * Self.channels + $0 / axes.product] }
    return (planes, labels)
  }

  /// Rotation about the axes z, y, x in turn, scaling, labels by the largest share, 0 outside the brain.
  ///
  /// A label may differ where shares are equal but for the rounding of batchgeneratorsv2's half-precision scores.
  @Test(arguments: ["rotation", "scaling", "both", "half-turn"]) func turnsAndScales(name: String) throws {
    let values = try parameters(name)
    let (expected, labels) = (try tensor("\(name)-masked.image"), try tensor("\(name).labels").values)
    var draw = AugmentationDraw(channels: Self.channels)
    if values[0..<3].contains(where: { $0 != 0 }) { draw.rotation = SIMD3(values[2], values[1], values[0]) }
    if values[3] != 1 { draw.scale = values[3] }
    let patch = SIMD3(expected.shape[3], expected.shape[2], expected.shape[1])
    for kernels in KernelChoice.available {
      let found = try made(draw, patch: patch, isMasked: true, by: kernels)
      let wrong = zip(found.labels, labels).count { Float($0) != max($1, 0) }
      #expect(wrong * 500 <= labels.count, "\(kernels.name): \(wrong) of \(labels.count) labels")
      let different = zip(found.image, expected.values).count { abs($0 - $1) > 3e-5 }
      #expect(different * 500 <= found.image.count, "\(kernels.name): \(different) values")
      #expect(expected.values.contains(0) && labels.contains(2) && labels.contains(-1))
    }
  }

  @Test(arguments: [
    "brightness", "contrast", "gamma", "inverted-gamma", "low-resolution", "flat-low-resolution", "blur",
  ])
  func changesIntensities(name: String) throws {
    let values = try parameters(name)
    var draw = AugmentationDraw(channels: Self.channels)
    for c in 0..<Self.channels {
      switch name {
      case "brightness": draw.channels[c].brightness = values[c]
      case "contrast": draw.channels[c].contrast = values[c]
      case "gamma": draw.channels[c].gamma = values[c]
      case "inverted-gamma": draw.channels[c].invertedGamma = values[c]
      case "blur": draw.channels[c].blur = SIMD3(values[3 * c + 2], values[3 * c + 1], values[3 * c])
      default: draw.channels[c].lowResolution = values[c]
      }
    }
    let expected = try tensor("\(name).image").values
    let before = try tensor("image").values
    #expect(zip(expected, before).contains { abs($0 - $1) > 0.01 })
    for kernels in KernelChoice.available {
      let found = try made(
        draw, patch: size, fixedAxis: name.hasPrefix("flat") ? 2 : nil, isMasked: false, by: kernels)
      let worst = zip(found.image, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst < 2e-5, "\(kernels.name): \(worst) of about 4")
    }
  }

  /// What nnU-Net calls the noise's variance is its standard deviation, and each channel has noise of its own.
  @Test func noiseHasTheSameLaw() throws {
    let law = try tensor("noise.law").values
    let count = 64 * 64 * 64
    // Five deviations of a deviation and of a correlation of as many values.
    let bound = 5 / Double(count).squareRoot()
    var planes = [Float](repeating: 0, count: 2 * count)
    planes.withUnsafeMutableBufferPointer {
      KernelChoice.current.addNoise(
        $0.baseAddress!, planeStep: count, channels: 2, count: count, deviation: 0.07, key: SIMD2(1, 2))
    }
    let (a, b) = (planes[..<count].map(Double.init), planes[count...].map(Double.init))
    let squares = (a.reduce(0) { $0 + $1 * $1 }, b.reduce(0) { $0 + $1 * $1 })
    let ratio = (squares.0 / Double(count)).squareRoot() / 0.07
    let correlation = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (squares.0 * squares.1).squareRoot()
    #expect(abs(ratio - Double(law[0])) < bound)
    #expect(abs(correlation - Double(law[1])) < 2 * bound)
  }
}
