import Foundation
import Foundations
import NeuralNetwork
import Tensor
import TestSupport
import Testing
import Training

struct SlidingWindowTests {
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [Axes(8, 16, 12), Axes(5, 7, 9), Axes(1, 64, 48), Axes(32, 48, 48)])
  func weightsEqualTheReference(patch: Axes) throws {
    let output = try PythonReference.run(
      script: "sliding_window_reference.py",
      arguments: ["weights", "\(patch.depth)", "\(patch.height)", "\(patch.width)"])
    let expected = doubles(output)
    let found = SlidingWindow.weights(patch)
    #expect(found.count == expected.count && found.count == patch.product)
    #expect(found.allSatisfy { $0 > 0 } && found.max() == 1)
    for (value, reference) in zip(found, expected) {
      // SciPy cuts the kernel at 4σ and normalises it; Float keeps 24 bits.
      #expect(abs(Double(value) - reference) <= 1e-6 * reference)
    }
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: [2, 5, 16, 48, 64])
  func startsEqualTheReference(patch: Int) throws {
    let extents = patch...(4 * patch + 3)
    let output = try PythonReference.run(
      script: "sliding_window_reference.py", arguments: ["starts", "\(patch)"] + extents.map(String.init))
    var rest = doubles(output).map { Int($0) }[...]
    for extent in extents {
      let count = try #require(rest.first)
      #expect(
        SlidingWindow.starts(extent, patch) == Array(rest.dropFirst().prefix(count)), "\(extent) in \(patch)")
      rest = rest.dropFirst(count + 1)
    }
    #expect(rest.isEmpty)
  }

  @Test(arguments: [1, 2, 7, 16, 33])
  func windowsCoverTheCase(patch: Int) {
    for extent in 1...(5 * patch) {
      let starts = SlidingWindow.starts(extent, patch)
      #expect(starts == starts.sorted())
      let covered = Set(starts.flatMap { $0..<($0 + patch) })
      #expect(covered.isSuperset(of: 0..<extent), "\(extent) in \(patch): \(starts)")
      if extent >= patch { #expect(covered == Set(0..<extent)) }
      for (one, next) in zip(starts, starts.dropFirst()) { #expect(next - one <= (patch + 1) / 2) }
    }
  }

  /// The example in nnU-Net's source.
  @Test func startsOfThePublishedExample() {
    #expect(SlidingWindow.starts(110, 64) == [0, 23, 46])
    #expect(SlidingWindow.starts(60, 64) == [-2])
  }

  /// A case of one patch: the softmax of one forward pass, whatever the weights of the window.
  @Test func oneWindowIsTheNetworkItself() throws {
    let plan = SampleCases.plan(patch: [8, 12, 4], contrasts: ["t1", "t2"], labels: 3)
    let item = try SampleCases.harmonized(SIMD3(8, 12, 4), channels: 2)
    let loop = ParallelLoop.serial
    let network = try UNet(
      plan.architecture, batch: 1, patch: plan.patchAxes, isTraining: false, loop: loop)
    let parameters = FloatBuffer(plan.architecture.parameterLayout.initialValues(seed: 3))
    network.input.update(from: item.image.array, count: item.image.count)
    network.forward(parameters: parameters)
    let found = try SlidingWindow(plan: plan, pool: NetworkPool(plan.architecture, loop: loop))
      .probabilities(item, parameters: parameters)
    #expect(found.count == plan.patchAxes.product * 3)
    for voxel in 0..<plan.patchAxes.product {
      let powers = (0..<3).map { exp(Double(network.output[voxel * 3 + $0])) }
      for c in 0..<3 {
        #expect(abs(Double(found[voxel * 3 + c]) - powers[c] / powers.reduce(0, +)) < 1e-5)
      }
    }
  }

  /// Several windows, also of a case that is smaller than the patch along an axis: probabilities everywhere.
  @Test(arguments: [SIMD3(20, 13, 9), SIMD3(5, 30, 3), SIMD3(1, 1, 2)])
  func probabilitiesAddUpToOne(size: SIMD3<Int>) throws {
    let plan = SampleCases.plan(patch: [8, 12, 4], labels: 3)
    let item = try SampleCases.harmonized(size)
    let parameters = FloatBuffer(plan.architecture.parameterLayout.initialValues(seed: 3))
    let found = try SlidingWindow(plan: plan, pool: NetworkPool(plan.architecture, loop: .serial))
      .probabilities(item, parameters: parameters)
    #expect(found.count == size.x * size.y * size.z * 3)
    for voxel in 0..<(found.count / 3) {
      let values = found[(voxel * 3)..<(voxel * 3 + 3)]
      #expect(values.allSatisfy { $0 >= 0 } && abs(values.reduce(0, +) - 1) < 1e-5)
    }
  }

  private func doubles(_ data: Data) -> [Double] {
    data.withUnsafeBytes { bytes in
      (0..<(bytes.count / 8)).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }
}
