import Foundation
import Foundations
import Kernels
import Tensor
import TestSupport
import Training

/// A patch, made here and by `augmentation_reference.py` from the same case with the same draw.
struct AugmentedPatch {
  var size = SIMD3(21, 19, 17)
  var patch = SIMD3(16, 12, 8)
  var origin = SIMD3(3, 4, 6)
  var fixedAxis: Int?
  var draw: AugmentationDraw

  init(channels: Int = 4) {
    draw = AugmentationDraw(channels: channels)
  }

  private struct Specification: Encodable {
    struct Channel: Encodable {
      var blur: [Double]?
      var brightness, contrast, lowResolution, invertedGamma, gamma: Double?
    }
    var size, patch, origin, direction: [Int]
    var angles: [Double]?
    var scale: Double?
    var fixed: Int?
    var channels: [Channel]
  }

  private func list<Value>(_ vector: SIMD3<Value>) -> [Value] { (0..<3).map { vector[$0] } }

  /// Random voxels and labels: neighbours differ, so that no fault is hidden.
  private var voxels: (image: [Float], labels: [UInt8]) {
    var stream = RandomStream(seed: 7, purpose: .test)
    let count = size.x * size.y * size.z
    return (
      (0..<(count * draw.channels.count)).map { _ in Float(stream.normal()) },
      (0..<count).map { _ in UInt8(stream.integer(below: 4)) }
    )
  }

  private var axes: Axes { Axes(patch.z, patch.y, patch.x) }

  /// The reference's image and labels.
  func reference() throws -> (image: [Double], labels: [Int]) {
    let specification = Specification(
      size: list(size), patch: list(patch), origin: list(origin), direction: list(draw.direction),
      angles: draw.rotation.map(list), scale: draw.scale, fixed: fixedAxis,
      channels: draw.channels.map {
        .init(
          blur: $0.blur.map(list), brightness: $0.brightness, contrast: $0.contrast,
          lowResolution: $0.lowResolution, invertedGamma: $0.invertedGamma, gamma: $0.gamma)
      })
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let argument = String(decoding: try encoder.encode(specification), as: UTF8.self)
    let (image, labels) = voxels
    let output = RawArray.doubles(
      try PythonReference.run(
        script: "augmentation_reference.py", arguments: [argument],
        input: RawArray.bytes(image.map(Double.init) + labels.map(Double.init))))
    let count = axes.product * draw.channels.count
    return (Array(output.prefix(count)), output.dropFirst(count).map { Int($0) })
  }

  /// The same by a kernel variant.
  func made(by kernels: any KernelSet.Type) -> (image: [Float], labels: [UInt8]) {
    let (image, labels) = voxels
    let item = TrainingCase(
      size: size, channels: draw.channels.count, image: FixedArray(image), targets: labels, classes: 4)
    let workspace = PatchWorkspace(patch: axes, channels: draw.channels.count, kernels: kernels)
    let frame = PatchFrame(patch: axes, origin: origin, draw: draw, fixedAxis: fixedAxis)
    var found = [Float](repeating: .nan, count: axes.product * draw.channels.count)
    var targets = [UInt8](repeating: 255, count: axes.product)
    found.withUnsafeMutableBufferPointer { found in
      targets.withUnsafeMutableBufferPointer { targets in
        workspace.fill(
          item, frame, draw, fixedAxis: fixedAxis, image: found.baseAddress!, targets: targets.baseAddress!)
      }
    }
    return (found, targets)
  }
}
