import Explanation
import Foundation
import Foundations
import Harmonization
import Imaging
import Interchange
import NeuralNetwork
import Tensor
import Testing
import Training

/// Seg-Grad-CAM as PyTorch computes it on the same networks (Tests/Python/explanation_golden.py).
struct ClassActivationTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  static let networks: [(name: String, dimensions: Int, widths: [Int])] = [
    ("unet_a_small", 2, [4, 8, 16, 32, 64]), ("unet_c_small", 3, [4, 8, 16, 32]),
  ]

  private func tensors(_ path: String) throws -> [String: NamedTensor] {
    let file = try SafetensorsFile.read(Self.tests.appending(path: path).path)
    return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
  }

  @Test(arguments: networks.indices) func equalsPyTorch(_ index: Int) throws {
    let (name, dimensions, widths) = Self.networks[index]
    let model = try tensors("NeuralNetworkTests/Golden/\(name).safetensors")
    let golden = try tensors("ExplanationTests/Golden/gradcam.safetensors")
    let architecture = UNetArchitecture(
      dimensions: dimensions, inputChannels: 4, classes: 4, widths: widths, downsampling: .maxPool)
    let stages = widths.indices.map { "encoder.\($0)" } + widths.indices.dropLast().map { "decoder.\($0)" }
    let input = try #require(model["input"])
    let network = try UNet(
      architecture, batch: input.shape[0], patch: Axes(input.shape[1], input.shape[2], input.shape[3]),
      isTraining: true, loop: ParallelLoop(threads: 2), options: NetworkOptions(taps: stages))
    let values = try network.parameters.entries.flatMap { try #require(model["parameter/\($0.name)"]).values }
    let parameters = FloatBuffer(values)
    let gradients = FloatBuffer(count: parameters.count)
    for (place, value) in input.values.enumerated() { network.input[place] = value }
    let plan = try SamplePlans.labels(dimensions: dimensions, widths: widths)
    var compared = 0
    for label in 1...3 {
      let region = try #require(ExplainedRegion(named: "\(label)", in: plan))
      network.forward(parameters: parameters)
      let found = region.seed(
        logits: network.output, voxels: network.outputShape.rows, into: network.outputGradient)
      #expect(Float(found) == golden["\(name)/\(label)/voxels"]?.values.first)
      network.backward(parameters: parameters, gradients: gradients)
      for (stage, tap) in zip(stages, network.taps) {
        let map = ClassActivation(
          features: tap.values, gradient: try #require(tap.gradient), shape: tap.shape)
        let weights = try #require(golden["\(name)/\(label)/\(stage)/weights"]).values
        #expect(Self.error(map.weights.map { Float($0) }, weights) < 1e-4, "\(name) \(label) \(stage)")
        if let expected = golden["\(name)/\(label)/\(stage)/map"] {
          let error = Self.error(map.values, expected.values)
          #expect(error < 1e-4, "\(name) \(label) \(stage): \(error)")
          compared += expected.values.contains { $0 > 0 } ? 1 : 0
        }
      }
    }
    // Maps that are all 0 would agree with anything.
    #expect(compared >= 6)
  }

  /// max|x − reference| / max|reference|.
  private static func error(_ x: [Float], _ reference: [Float]) -> Float {
    precondition(x.count == reference.count)
    let scale = reference.map(abs).max() ?? 0
    let difference = zip(x, reference).map { abs($0 - $1) }.max() ?? 0
    return scale == 0 ? difference : difference / scale
  }
}

struct HeatMapperTests {
  private let plan: TrainingPlan
  private let weights: [Float]

  init() throws {
    plan = try SamplePlans.labels(dimensions: 3, widths: [3, 4])
    weights = plan.architecture.parameterLayout.initialValues(seed: 2)
  }

  /// A harmonised case of random voxels, from a scan that is twice as fine along x, flipped along y and in a larger grid.
  private func item(size: SIMD3<Int>) -> HarmonizedCase {
    var stream = RandomStream(seed: 1, purpose: .test)
    let image = (0..<size.x * size.y * size.z * 4).map { _ in Float(stream.normal()) }
    let old = SIMD3(2 * size.x, size.y, size.z)
    let scan = Geometry(
      size: old &+ SIMD3(3, 2, 1), affine: Imaging.AffineTransform(spacing: SIMD3(0.5, 1, 1)))
    return HarmonizedCase(
      geometry: Geometry(size: size, affine: Imaging.AffineTransform(spacing: SIMD3(repeating: 1))),
      channels: 4, image: FixedArray(image), labels: nil,
      restoration: Restoration(
        geometry: scan, box: GridBox(origin: SIMD3(1, 2, 0), size: old),
        permutation: AxisPermutation(sources: SIMD3(0, 1, 2), flips: [false, true, false]),
        change: GridChange(old: old, new: size, sliceAxis: nil)), fits: [])
  }

  /// A region that the network calls somewhere: the class of most voxels.
  private func region(_ mapper: HeatMapper, _ item: HarmonizedCase) throws -> (ExplainedRegion, Volume) {
    for label in 1...3 {
      let region = try #require(ExplainedRegion(named: "\(label)", in: plan))
      let map = try mapper.map(of: region, in: item)
      if map.voxels.contains(where: { $0 > 0 }) { return (region, map) }
    }
    throw NothingPredicted()
  }

  private struct NothingPredicted: Error {}

  @Test func mapLiesInTheScansGrid() throws {
    let item = item(size: SIMD3(12, 10, 9))
    let mapper = try HeatMapper(plan: plan, weights: weights, stage: nil, loop: ParallelLoop(threads: 2))
    #expect(mapper.patches(item) == 2 * 2 * 2)
    let (_, map) = try region(mapper, item)
    #expect(map.geometry == item.restoration.geometry)
    #expect(map.voxels.max() == 1 && map.voxels.min() == 0)
    // Nothing beside the box that was harmonised.
    for k in 0..<map.geometry.size.z {
      for j in 0..<map.geometry.size.y {
        for i in 0..<map.geometry.size.x {
          let isInside = (1..<25).contains(i) && (2..<12).contains(j) && k < 9
          if !isInside { #expect(map.voxels[map.geometry.offset(i, j, k)] == 0) }
        }
      }
    }
  }

  @Test func threadsDoNotShow() throws {
    let item = item(size: SIMD3(12, 8, 8))
    let one = try HeatMapper(plan: plan, weights: weights, stage: "decoder.0", loop: .serial)
    let three = try HeatMapper(
      plan: plan, weights: weights, stage: "decoder.0", loop: ParallelLoop(threads: 3))
    let (region, map) = try region(one, item)
    #expect(try three.map(of: region, in: item) == map)
  }

  /// One window of the finest stage: the map is the activation, voxel by voxel, on its way back to the scan.
  @Test func oneWindowIsItsActivation() throws {
    let item = item(size: SIMD3(8, 8, 8))
    let mapper = try HeatMapper(plan: plan, weights: weights, stage: "decoder.0", loop: .serial)
    let (region, map) = try region(mapper, item)
    let network = try UNet(
      plan.architecture, batch: 1, patch: plan.patchAxes, isTraining: true, loop: .serial,
      options: NetworkOptions(taps: ["decoder.0"]))
    for index in 0..<item.image.count { network.input[index] = item.image[index] }
    let (parameters, gradients) = (FloatBuffer(weights), FloatBuffer(count: weights.count))
    network.forward(parameters: parameters)
    #expect(region.seed(logits: network.output, voxels: 512, into: network.outputGradient) > 0)
    network.backward(parameters: parameters, gradients: gradients)
    let tap = network.taps[0]
    let activation = ClassActivation(
      features: tap.values, gradient: try #require(tap.gradient), shape: tap.shape)
    let largest = try #require(map.voxels.max())
    #expect(largest == 1)
    // Scan voxels 2i and 2i + 1 straddle voxel i: their mean is a blend around it, equal where the map is constant along x.
    // Along y and z the grids agree but for the flip, so sums over rows along x agree.
    func row(_ j: Int, _ k: Int) -> Float {
      (1..<17).reduce(0) { $0 + map.voxels[map.geometry.offset($1, j, k)] }
    }
    var scale: Float = 0
    for k in 0..<8 {
      for j in 0..<8 {
        // Linear taps at the quarter points, edges held: each voxel counts twice, whatever its place.
        let expected = (0..<8).reduce(Float(0)) { $0 + 2 * activation.values[(k * 8 + j) * 8 + $1] }
        let found = row(2 + 7 - j, k)
        if expected > 0 && scale == 0 { scale = found / expected }
        #expect(abs(found - scale * expected) <= 1e-3 * max(1, found))
      }
    }
    #expect(scale > 0)
  }

  @Test func unknownStagesAreNamed() {
    #expect(throws: NetworkError.self) {
      try HeatMapper(plan: plan, weights: weights, stage: "encoder.7", loop: .serial)
    }
  }

  @Test func regionsAndLabelsAreFoundByName() throws {
    var plan = plan
    #expect(ExplainedRegion(named: "background", in: plan) == nil)
    #expect(ExplainedRegion(named: "0", in: plan) == nil)
    #expect(ExplainedRegion(named: "label 2", in: plan)?.labels == [2])
    #expect(ExplainedRegion(named: "3", in: plan)?.labels == [3])
    plan.regions = [.init(name: "both", labels: [1, 3]), .init(name: "first", labels: [1])]
    let both = try #require(ExplainedRegion(named: "both", in: plan))
    // Background, 1, 2, 3 win in turn; of equals the first.
    let logits: [Float] = [2, 1, 0, 0, 0, 2, 1, 0, 0, 0, 3, 1, -1, -1, -2, 5, 1, 1, 0, 0]
    var gradient = [Float](repeating: 9, count: 20)
    #expect(both.seed(logits: logits, voxels: 5, into: &gradient) == 2)
    #expect(gradient == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    plan.targets = .regions
    #expect(ExplainedRegion(named: "label 2", in: plan) == nil)
    let first = try #require(ExplainedRegion(named: "first", in: plan))
    var two = [Float](repeating: 9, count: 6)
    #expect(first.seed(logits: [-1, 0.5, 3, -0.5, 1, 0], voxels: 3, into: &two) == 1)
    #expect(two == [0, 1, 0, 0, 0, 0])
  }
}

/// Plans for four contrasts and four labels.
enum SamplePlans {
  static func labels(dimensions: Int, widths: [Int]) throws -> TrainingPlan {
    let multiple = 1 << widths.count
    let extent = max(8, multiple)
    let text = """
      schema_version: 1
      name: sample
      dimensions: \(dimensions)
      patch: [\(extent), \(extent), \(dimensions == 2 ? 1 : extent)]
      batch: 1
      network: {widths: \(widths), convolutions_per_stage: 2}
      optimizer: {name: adam, learning_rate: 0.01, weight_decay: 0, momentum: 0.9}
      foreground_oversampling: 0.5
      mirror: [x]
      rounds: 1
      local_steps: 1
      split: {validation: 0.2, test: 0.2}
      """
    let data = DataFingerprint(
      contrasts: ["a", "b", "c", "d"], labelValues: [0, 1, 2, 3], medianSpacing: SIMD3(repeating: 1),
      medianSize: SIMD3(32, 32, dimensions == 2 ? 1 : 32), labelNames: [], regions: [])
    return try PlanFile.parse(text, file: "sample").resolved(for: data, file: "sample")
  }
}
