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
  /// Whether a corner of the case is outside the brain.
  var hasOutside = false
  /// Whether all voxels have one value.
  var isConstant = false

  init(channels: Int = 4) {
    draw = AugmentationDraw(channels: channels)
  }

  private struct Specification: Encodable {
    struct Channel: Encodable {
      var blur: [Double]?
      var ghosting: Double?
      var slices: Slices?
      /// `(power of x, power of y, power of z)`, zeros where the field has no term.
      var biasField: [[[Double]]]?
      var brightness, contrast, lowResolution, invertedGamma, gamma: Double?
    }
    struct Slices: Encodable {
      var axis: Int
      var thickness: Double
    }
    struct Ghosts: Encodable { var axis, count: Int }
    struct Elastic: Encodable {
      var distance: Double
      /// Of control points, z first: x fastest.
      var shifts: [[Double]]
    }
    var size, patch, origin, direction: [Int]
    var elastic: Elastic?
    var ghosts: Ghosts?
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
    var image = (0..<(count * draw.channels.count)).map { _ in isConstant ? 1.5 : Float(stream.normal()) }
    var labels = (0..<count).map { _ in UInt8(stream.integer(below: 4)) }
    if hasOutside {
      for index in 0..<count {
        let (x, y, z) = (index % size.x, index / size.x % size.y, index / (size.x * size.y))
        if x + y + z > (size.x + size.y + size.z) / 3 { continue }
        labels[index] = TrainingCase.outside
        for channel in draw.channels.indices { image[index * draw.channels.count + channel] = 0 }
      }
    }
    return (image, labels)
  }

  /// What the draw's key says of the control points.
  private var elastic: Specification.Elastic? {
    draw.elastic.map { elastic in
      let distance = 16.0
      let count = (0..<3).reduce(1) { count, axis in
        let isFlat = axis == fixedAxis || patch[axis] == 1
        return count * (isFlat ? 1 : Int(Double(patch[axis] - 1) / distance) + 4)
      }
      let shifts = (0..<count).map { index in
        let words = Philox.block(counter: SIMD4(UInt32(index), 0, 0, 0), key: elastic.key)
        return (0..<3).map { axis in
          axis == fixedAxis || patch[axis] == 1
            ? 0 : elastic.magnitude * (Double(words[axis]) / 2_147_483_648 - 1)
        }
      }
      return Specification.Elastic(distance: distance, shifts: shifts)
    }
  }

  private func polynomial(_ field: BiasFieldDraw) -> [[[Double]]] {
    var grid = Array(
      repeating: Array(repeating: Array(repeating: 0.0, count: 4), count: 4), count: 4)
    for term in field.terms { grid[term.powers.x][term.powers.y][term.powers.z] = term.coefficient }
    return grid
  }

  private var axes: Axes { Axes(patch.z, patch.y, patch.x) }

  /// The reference's image and labels.
  func reference() throws -> (image: [Double], labels: [Int]) {
    let specification = Specification(
      size: list(size), patch: list(patch), origin: list(origin), direction: list(draw.direction),
      elastic: elastic, ghosts: draw.ghosts.map { .init(axis: $0.axis, count: $0.count) },
      angles: draw.rotation.map(list), scale: draw.scale, fixed: fixedAxis,
      channels: draw.channels.map {
        .init(
          blur: $0.blur.map(list), ghosting: $0.ghosting,
          slices: $0.slices.map { .init(axis: $0.axis, thickness: $0.thickness) },
          biasField: $0.biasField.map(polynomial), brightness: $0.brightness, contrast: $0.contrast,
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
